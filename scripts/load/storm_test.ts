import assert from "node:assert/strict";
import type { StreamPart } from "../../events/contract/stream_part.ts";
import { interruptionsOf } from "./storm.ts";

const started: StreamPart = { type: "attempt-start", attempt: 1, provider: "p", model: "m" };
const words: StreamPart = { type: "text-delta", text: "words " };
const interrupted: StreamPart = {
  type: "attempt-end",
  attempt: 1,
  outcome: "failed",
  error: { class: "interrupted", message: "" },
};

/** The parts, a second from one to the next. */
function received(...parts: StreamPart[]) {
  return parts.map((part, index) => ({
    part,
    position: { attempt: 1, sequence: index },
    receivedMs: index * 1000,
  }));
}

Deno.test("an interruption lasts from the last words before it to the first ones after it", () => {
  const parts = received(started, words, words, interrupted, started, words, words);
  assert.deepEqual(interruptionsOf(parts), [{ lastMs: 2000, takenOverMs: 3000, nextMs: 5000 }]);
});

Deno.test("workers that die one after the other without a word are one interruption", () => {
  const parts = received(words, interrupted, started, interrupted, started, words);
  assert.deepEqual(interruptionsOf(parts), [{ lastMs: 0, takenOverMs: 3000, nextMs: 5000 }]);
});

Deno.test("before the first words nothing stands still", () => {
  assert.deepEqual(interruptionsOf(received(started, interrupted, started, words)), []);
});
