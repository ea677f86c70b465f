import assert from "node:assert/strict";
import { untilStored } from "./until_stored.ts";

function failing(times: number): () => Promise<string> {
  return () =>
    times-- > 0 ? Promise.reject(new Error("The disk is full")) : Promise.resolve("stored");
}

Deno.test("what cannot be stored now is stored later", async () => {
  assert.equal(await untilStored(new AbortController().signal, failing(2)), "stored");
});

Deno.test("nobody tries for a turn that is over", async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 20);
  await assert.rejects(untilStored(abort.signal, failing(Infinity)), /disk is full/);
});
