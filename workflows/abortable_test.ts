import assert from "node:assert/strict";
import { abortable } from "./abortable.ts";

Deno.test("a wait ends as its promise does", async () => {
  const wait = abortable(new AbortController().signal);
  assert.equal(await wait(Promise.resolve(1)), 1);
  await assert.rejects(wait(Promise.reject(new Error("broken"))), /broken/);
  assert.equal(await wait(Promise.resolve(2)), 2);
});

Deno.test("a wait ends when the signal is aborted, and no later one begins", async () => {
  const abort = new AbortController();
  const wait = abortable(abort.signal);
  const waiting = wait(new Promise(() => {}));
  abort.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(wait(Promise.resolve(1)), /enough/);
});
