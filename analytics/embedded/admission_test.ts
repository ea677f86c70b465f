import assert from "node:assert/strict";
import { Admission } from "./admission.ts";

const stays = new AbortController().signal;

Deno.test("so many run at a time, and the next ones follow in the order of asking", async () => {
  const admission = new Admission({ runningMax: 1, waitingMax: 2, waitMsMax: 60_000 });
  const order: string[] = [];
  const leaveFirst = await admission.enter(stays);
  const second = admission.enter(stays).then((leave) => {
    order.push("second");
    leave();
  });
  const third = admission.enter(stays).then((leave) => {
    order.push("third");
    leave();
  });
  order.push("first");
  leaveFirst();
  await Promise.all([second, third]);
  assert.deepEqual(order, ["first", "second", "third"]);
  (await admission.enter(stays))();
});

Deno.test("a place that is given back twice is one place", async () => {
  const admission = new Admission({ runningMax: 1, waitingMax: 0, waitMsMax: 60_000 });
  const leave = await admission.enter(stays);
  leave();
  leave();
  await admission.enter(stays);
  await assert.rejects(admission.enter(stays), { code: 202 });
});

Deno.test("more than may wait are told so at once", async () => {
  const admission = new Admission({ runningMax: 1, waitingMax: 1, waitMsMax: 60_000 });
  const leave = await admission.enter(stays);
  const waiting = admission.enter(stays);
  await assert.rejects(admission.enter(stays), {
    code: 202,
    message: /^Code: 202\. DB::Exception: Too many simultaneous queries: 1 run and 1 wait/,
  });
  leave();
  (await waiting)();
});

Deno.test("one that waits too long is told so, and takes no place", async () => {
  const admission = new Admission({ runningMax: 1, waitingMax: 1, waitMsMax: 1 });
  const leave = await admission.enter(stays);
  await assert.rejects(admission.enter(stays), { code: 202 });
  leave();
  (await admission.enter(stays))();
});

Deno.test("one whose client goes away waits no longer", async () => {
  const admission = new Admission({ runningMax: 1, waitingMax: 1, waitMsMax: 60_000 });
  const leave = await admission.enter(stays);
  const gone = new AbortController();
  const waiting = admission.enter(gone.signal);
  gone.abort();
  await assert.rejects(waiting, { code: 394 });
  leave();
  (await admission.enter(stays))();
});
