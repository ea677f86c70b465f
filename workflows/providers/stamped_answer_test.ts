import assert from "node:assert/strict";
import { readStamps, stampedToken } from "./stamped_answer.ts";

const nowMs = Math.floor(Date.now()) - 1000;
const sentMs = [nowMs - 900_000, nowMs - 0.5, nowMs];
const text = sentMs.map((sentMs, index) => stampedToken(index, sentMs)).join("");

Deno.test("an answer tells when each of its tokens was given", () => {
  assert.deepEqual(readStamps(text), sentMs);
  assert.deepEqual(readStamps(""), []);
});

Deno.test("an answer that lacks, repeats or breaks a token is not exact", () => {
  const [first, second, third] = text.match(/\S+ /g)!;
  for (const wrong of [second, first + third, first + first, first + second.trim(), `${first} `]) {
    assert.equal(readStamps(wrong), null, wrong);
  }
});
