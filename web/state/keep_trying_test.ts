import assert from "node:assert/strict";
import { RequestError } from "../api.js";
import { keepTrying } from "./keep_trying.js";

Deno.test("what cannot be sent now is sent again until the server has it, and that is told", async () => {
  const seen: string[] = [];
  const answers = [0, 503, 200];
  const result = await keepTrying(() => {
    const status = answers.shift()!;
    seen.push(`${status}`);
    return status === 200 ? Promise.resolve("there") : Promise.reject(new RequestError("", status));
  }, { signal: new AbortController().signal, onWait: () => seen.push("waits") });
  assert.equal(result, "there");
  assert.deepEqual(seen, ["0", "503", "waits", "200"]);
});

Deno.test("what the server refuses is not sent again", async () => {
  let tries = 0;
  const send = () => {
    tries++;
    return Promise.reject(new RequestError("no such conversation", 404));
  };
  const { signal } = new AbortController();
  await assert.rejects(keepTrying(send, { signal, onWait() {} }), /no such conversation/);
  assert.equal(tries, 1);
});

Deno.test("whoever takes a message back ends the tries", async () => {
  const controller = new AbortController();
  let tries = 0;
  const sent = keepTrying(() => {
    tries++;
    return Promise.reject(new RequestError("", 0));
  }, { signal: controller.signal, onWait: () => controller.abort() });
  await assert.rejects(sent, { name: "AbortError" });
  assert.equal(tries, 2);
});
