import assert from "node:assert/strict";
import { isTransient, mayFit, reactionTo, retryDelayMs, waitDelayMs } from "./failure_policy.ts";

Deno.test("what may pass is tried again, what stays falls back, what is refused ends the turn", () => {
  assert.equal(reactionTo({ class: "overloaded", message: "" }), "retry");
  assert.equal(reactionTo({ class: "cut-off", message: "" }), "retry");
  assert.equal(reactionTo({ class: "bad-credentials", message: "" }), "fall-back");
  assert.equal(reactionTo({ class: "refused", message: "" }), "give-up");
});

Deno.test("a provider that asks for more patience than a user has is left for the next one", () => {
  const failure = { class: "rate-limited", message: "" } as const;
  assert.equal(reactionTo({ ...failure, retryAfterMs: 2_000 }), "retry");
  assert.equal(reactionTo({ ...failure, retryAfterMs: 60_000 }), "fall-back");
  assert.equal(isTransient({ ...failure, retryAfterMs: 60_000 }), true);
});

Deno.test("Retry-After is honoured to the millisecond", () => {
  const failure = { class: "rate-limited", message: "", retryAfterMs: 1234 } as const;
  assert.equal(retryDelayMs(failure, 3, 0.5), 1234);
});

Deno.test("without it the delay doubles, jittered, up to a limit", () => {
  const failure = { class: "overloaded", message: "" } as const;
  assert.equal(retryDelayMs(failure, 0, 0), 125);
  assert.equal(retryDelayMs(failure, 0, 1), 250);
  assert.equal(retryDelayMs(failure, 2, 1), 1000);
  assert.equal(retryDelayMs(failure, 50, 1), 10_000);
});

Deno.test("a route may be quicker than that", () => {
  assert.equal(retryDelayMs({ class: "overloaded", message: "" }, 1, 1, 20), 40);
  assert.equal(waitDelayMs({ class: "overloaded", message: "" }, 1, 0.5, 200), 400);
});

Deno.test("a conversation that is too long goes to those who take more, or may take more", () => {
  assert.equal(reactionTo({ class: "context-too-long", message: "" }), "larger-context");
  assert.equal(mayFit({ contextTokens: 8192 }, 8192), false);
  assert.equal(mayFit({ contextTokens: 8193 }, 8192), true);
  assert.equal(mayFit({}, 8192), true);
  assert.equal(mayFit({ contextTokens: 8192 }, 0), true);
});

Deno.test("a turn that waits for a provider tries less and less often", () => {
  const failure = { class: "unreachable", message: "" } as const;
  assert.deepEqual([0, 1, 2, 9].map((rounds) => waitDelayMs(failure, rounds, 0.5)), [
    5_000,
    10_000,
    20_000,
    120_000,
  ]);
  assert.equal(waitDelayMs({ ...failure, retryAfterMs: 30_000 }, 0, 0.5), 30_000);
  assert.deepEqual([0, 1].map((random) => waitDelayMs(failure, 0, random)), [4_500, 5_500]);
});

Deno.test("a month of waiting is some hundreds of tries", () => {
  const failure = { class: "unreachable", message: "" } as const;
  let rounds = 0;
  for (let waitedMs = 0; waitedMs < 30 * 86_400_000; rounds++) {
    waitedMs += waitDelayMs(failure, rounds, 0.5);
  }
  assert(rounds > 100 && rounds < 300, `${rounds}`);
});
