import assert from "node:assert/strict";
import { isEnded } from "../../events/contract/conversation.ts";
import type { StreamPart } from "../../events/contract/stream_part.ts";
import { applyPartToTurn, askedTurn, seamsOf } from "./live_turn.js";

const usage = { inputTokens: 3, outputTokens: 5, cachedTokens: 0, reasoningTokens: 0 };
const timedOut = { class: "timed-out", message: "No token came in 15 s." } as const;
const asked = askedTurn({
  id: "t",
  conversationId: "c",
  parentTurnId: null,
  regeneratedFrom: null,
  route: "default",
  message: "Hello",
}, "2026-11-01T12:00:00.000Z");

function follow(parts: StreamPart[]) {
  return parts.reduce(
    (turn, part, second) =>
      applyPartToTurn(turn, part, new Date(Date.UTC(2026, 10, 1, 12, 0, second)).toISOString()),
    asked,
  );
}

Deno.test("a fallback leaves the failed attempt with its reason and its time", () => {
  const turn = follow([
    { type: "attempt-start", attempt: 1, provider: "anthropic", model: "claude" },
    { type: "attempt-end", attempt: 1, outcome: "failed", error: timedOut },
    { type: "attempt-start", attempt: 2, provider: "local", model: "llama", reason: timedOut },
  ]);
  assert.equal(turn.status, "running");
  assert.deepEqual(turn.attempts.map(({ status }) => status), ["failed", "running"]);
  assert.deepEqual(turn.attempts[0].error, timedOut);
  assert.equal(turn.attempts[0].durationMs, 1000);
  assert.deepEqual(turn.attempts[1].reason, timedOut);
});

Deno.test("a wait is over when the next attempt begins", () => {
  const waiting: StreamPart = {
    type: "waiting",
    until: "2026-11-01T13:00:00.000Z",
    reason: timedOut,
  };
  assert.equal(follow([waiting]).status, "waiting");
  const turn = follow([waiting, { type: "attempt-start", attempt: 2, provider: "p", model: "m" }]);
  assert.equal(turn.status, "running");
  assert.equal(turn.waiting, null);
});

Deno.test("a replay does not add an attempt twice and keeps what is known of it", () => {
  const start: StreamPart = { type: "attempt-start", attempt: 1, provider: "p", model: "m" };
  const end: StreamPart = { type: "attempt-end", attempt: 1, outcome: "completed" };
  const turn = follow([start, end, start, end]);
  assert.equal(turn.attempts.length, 1);
  assert.equal(turn.attempts[0].durationMs, 1000);
});

Deno.test("the end is over, with its usage", () => {
  const turn = follow([
    {
      type: "end",
      status: "completed",
      usage,
      costUsd: 0.5,
      finishReason: { unified: "stop", raw: "stop" },
    },
  ]);
  assert.ok(isEnded(turn));
  assert.deepEqual(turn.usage, usage);
  assert.ok(!isEnded(asked));
});

Deno.test("text changes no fact, so that nothing else is drawn again", () => {
  assert.equal(applyPartToTurn(asked, { type: "text-delta", text: "a" }, ""), asked);
});

Deno.test("seams are those since the answer last began anew", () => {
  const attempt = (number: number, continues: number) => ({
    ...follow([{ type: "attempt-start", attempt: number, provider: "p", model: "m", continues }])
      .attempts[0],
  });
  const turn = { ...asked, attempts: [attempt(1, 0), attempt(2, 4), attempt(3, 0), attempt(4, 7)] };
  assert.deepEqual(seamsOf(turn), [7]);
});
