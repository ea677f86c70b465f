import assert from "node:assert/strict";
import { type Answer, applyPart, parsePosition, type StreamPart } from "./stream_part.ts";

function answerOf(...parts: StreamPart[]): Answer {
  return parts.reduce(applyPart, { text: "", reasoning: "", seams: [] });
}

const target = { type: "attempt-start", provider: "p", model: "m" } as const;
const delta = (text: string): StreamPart => ({ type: "text-delta", text });

Deno.test("deltas add up to the answer", () => {
  const answer = answerOf({ ...target, attempt: 1 }, delta("Hel"), delta("lo"));
  assert.deepEqual(answer, { text: "Hello", reasoning: "", seams: [] });
});

Deno.test("an attempt that continues leaves a seam, one that does not replaces the text", () => {
  const first: StreamPart[] = [{ ...target, attempt: 1 }, delta("Hel")];
  const continued = answerOf(...first, { ...target, attempt: 2, continues: 3 }, delta("lo"));
  assert.deepEqual(continued, { text: "Hello", reasoning: "", seams: [3] });
  assert.equal(answerOf(...first, { ...target, attempt: 2 }, delta("Bye")).text, "Bye");
});

Deno.test("the end of a stopped turn takes back what the user had not seen", () => {
  const end: StreamPart = {
    type: "end",
    status: "stopped",
    usage: { inputTokens: 0, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0 },
    costUsd: 0,
    finishReason: null,
    textLength: 3,
  };
  assert.equal(answerOf({ ...target, attempt: 1 }, delta("Hello"), end).text, "Hel");
});

Deno.test("a position is two numbers and a dot, and nothing else", () => {
  assert.deepEqual(parsePosition("2.17"), { attempt: 2, sequence: 17 });
  for (const text of ["", "2", "2.", "-1.0", "1.0x", "1e3.0"]) {
    assert.equal(parsePosition(text), null);
  }
});
