import assert from "node:assert/strict";
import type { StreamPart } from "../events/contract/stream_part.ts";
import { noUsage } from "../events/contract/usage.ts";
import { AnswerReplacedError, SentAnswer } from "./sent_answer.ts";

const start = (attempt: number, continues?: number): StreamPart => ({
  type: "attempt-start",
  attempt,
  provider: "p",
  model: "m",
  ...(continues !== undefined && { continues }),
});
const text = (text: string): StreamPart => ({ type: "text-delta", text });
const thought = (text: string): StreamPart => ({ type: "reasoning-delta", text });
const call = (id: string | undefined, text: string, index = 0): StreamPart => ({
  type: "tool-call-delta",
  index,
  ...(id && { id, name: "weather" }),
  arguments: text,
});
const end: StreamPart = {
  type: "end",
  status: "completed",
  usage: noUsage,
  costUsd: 0,
  finishReason: { unified: "stop", raw: "stop" },
};

function send(parts: StreamPart[], isResumed = false) {
  const sent = new SentAnswer({ isResumed });
  return parts.flatMap((part) => sent.take(part) ?? []).map((increment) =>
    increment.type === "tool-call"
      ? [increment.id ?? increment.index, increment.arguments]
      : [increment.type, increment.text]
  );
}

Deno.test("an answer that is continued goes on", () => {
  const parts = [start(1), text("Hel"), start(2, 3), text("lo"), end];
  assert.deepEqual(send(parts), [["text", "Hel"], ["text", "lo"]]);
});

Deno.test("what is told again in the same words is not sent again", () => {
  const parts = [start(1), text("Hel"), start(1), text("He"), text("llo"), end];
  assert.deepEqual(send(parts), [["text", "Hel"], ["text", "lo"]]);
});

Deno.test("an answer that is begun anew in other words is an error, as is one that ends too soon", () => {
  assert.throws(() => send([start(1), text("Hel"), start(2), text("By")]), AnswerReplacedError);
  assert.throws(
    () => send([start(1), text("Hel"), start(2), text("He"), end]),
    AnswerReplacedError,
  );
  assert.deepEqual(send([start(1), start(2), text("Hi"), end]), [["text", "Hi"]]);
});

Deno.test("thoughts of another attempt follow those that were sent", () => {
  const parts = [start(1), thought("Hm"), start(2), thought("So"), text("Hi"), end];
  assert.deepEqual(send(parts), [["reasoning", "Hm"], ["reasoning", "So"], ["text", "Hi"]]);
});

Deno.test("whoever came back in the middle is not given another beginning", () => {
  assert.deepEqual(send([text("lo"), start(2, 5), text("!"), end], true), [["text", "lo"], [
    "text",
    "!",
  ]]);
  assert.throws(() => send([text("lo"), start(2), text("Bye")], true), AnswerReplacedError);
});

Deno.test("calls of tools are sent piece by piece, and not again when they are told again", () => {
  const told = [start(1), call("a", "{"), call(undefined, "}"), call("b", "", 1)];
  const once = [["a", "{"], [0, "}"], ["b", ""]];
  assert.deepEqual(send([...told, end]), once);
  assert.deepEqual(send([...told, start(1), call("a", "{}"), call("b", "", 1), end]), once);
});

Deno.test("another call in the place of one that was sent is an error, as is none", () => {
  const broken = [start(1), call("a", "{"), start(2)];
  assert.throws(() => send([...broken, call("z", "{")]), AnswerReplacedError);
  assert.throws(() => send([...broken, text("Hi"), end]), AnswerReplacedError);
});
