import assert from "node:assert/strict";
import type { AttemptView, TurnView } from "../../events/contract/api.ts";
import { type FailureClass, failureClasses } from "../../events/contract/failure.ts";
import { applyPartToTurn, askedTurn } from "../state/live_turn.js";
import { noticesOf } from "./turn_words.js";

const now = "2026-11-01T12:00:00.000Z";
const asked = askedTurn({
  id: "t",
  conversationId: "c",
  parentTurnId: null,
  regeneratedFrom: null,
  route: "default",
  message: "Hello",
}, now);

function attempt(model: string, failure?: FailureClass, more: Partial<AttemptView> = {}) {
  const part = { type: "attempt-start", attempt: 1, provider: "p", model } as const;
  const [started] = applyPartToTurn(asked, part, now).attempts;
  const error = failure ? { class: failure, message: "Why." } : null;
  return { ...started, status: failure ? "failed" as const : "running" as const, error, ...more };
}

function words(attempts: AttemptView[], status: TurnView["status"] = "running") {
  const numbered = attempts.map((attempt, index) => ({ ...attempt, attempt: index + 1 }));
  return noticesOf({ ...asked, status, attempts: numbered }).map(({ text }) => text);
}

Deno.test("a fallback tells who did not answer, for how long, and who answers", () => {
  const failed = attempt("claude", "timed-out", { durationMs: 15_012 });
  assert.deepEqual(words([failed, attempt("llama")]), [
    "claude did not answer in 15 s · llama answers",
  ]);
});

Deno.test("a continuation tells that the text goes on", () => {
  assert.deepEqual(
    words([attempt("claude", "cut-off"), attempt("llama", undefined, { continues: 12 })]),
    ["claude was cut off · llama continues"],
  );
  assert.deepEqual(
    words([attempt("claude", "cut-off"), attempt("claude", undefined, { continues: 12 })]),
    ["claude was cut off · it continues"],
  );
});

Deno.test("tries of one candidate with the same failure are told once", () => {
  const tries = [1, 2, 3].map(() => attempt("claude", "overloaded"));
  assert.deepEqual(words([...tries, attempt("llama")]), [
    "claude is overloaded, 3 times · llama answers",
  ]);
});

Deno.test("different failures of one candidate are told one by one", () => {
  assert.deepEqual(
    words([attempt("claude", "cut-off"), attempt("claude", "overloaded"), attempt("llama")]),
    ["claude was cut off · it is asked again", "claude is overloaded · llama answers"],
  );
});

Deno.test("the last failure is told while the turn goes on, and left to the end of one that failed", () => {
  const last = [attempt("claude", "unreachable")];
  assert.deepEqual(words(last, "waiting"), ["claude cannot be reached"]);
  assert.deepEqual(words(last, "failed"), []);
});

Deno.test("one that failed in turn is not said to answer", () => {
  assert.deepEqual(
    words([attempt("claude", "cut-off"), attempt("llama", "overloaded")], "failed"),
    [
      "claude was cut off · llama was asked instead",
    ],
  );
});

Deno.test("every class of failure has words", () => {
  for (const failure of failureClasses) {
    const [text] = words([attempt("claude", failure), attempt("llama")]);
    assert.match(text, /^claude [a-z ,T]+ · llama answers$/);
  }
});

Deno.test("a model that was not called, as its server did not wake up, is told too", () => {
  const reason = { class: "asleep", message: "local could not be woken up" } as const;
  assert.deepEqual(words([attempt("llama", undefined, { reason })]), [
    "the first choice is asleep · llama answers",
  ]);
});
