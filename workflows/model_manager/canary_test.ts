import assert from "node:assert/strict";
import { judgeCanary } from "./canary.ts";

Deno.test("what a server wrote before it slept, it must write after it", () => {
  assert.equal(judgeCanary(" eight, nine", " eight, nine"), null);
  assert.match(judgeCanary(" acht", " eight")!, /with " acht"; before it slept, with " eight"/);
});

Deno.test("where nobody knows what it wrote before, it must write text", () => {
  assert.equal(judgeCanary(" eight, nine, ten", null), null);
  assert.equal(judgeCanary(" stored\n stored\n stored", null), null);
  for (const noise of ["", "  \n", "!!!!!!!!", "\u0000\u0001\u0000", "\uFFFD\uFFFD\uFFFDa\uFFFD"]) {
    assert.match(judgeCanary(noise, null)!, /is no text/, JSON.stringify(noise));
  }
});
