/**
 * The table of failures: every class of failure, before the first token, in the middle and at the end, every way in which
 * it goes on, and whoever makes the first call. Whatever happens, the text is exact, attempts and events tell the truth, and
 * nothing that was paid for goes uncounted. The turns run beside each other, on real engines.
 */
import assert from "node:assert/strict";
import type { AttemptView } from "../events/contract/api.ts";
import { addUsage, noUsage } from "../events/contract/usage.ts";
import { promptTokens } from "../scripts/load/mock_openai.ts";
import { answerOf } from "../scripts/load/turn_client.ts";
import { isTransient, reactionTo } from "../workflows/failure_policy.ts";
import { simulateAnswer, splitTokens } from "../workflows/providers/simulated_answer.ts";
import {
  type Case,
  cases,
  classWithoutToken,
  namesOf,
  price,
  tokens,
} from "./failure_table/cases.ts";
import { type Outcome, questionOf, runCases } from "./failure_table/run_cases.ts";

/** Who makes the first call of a turn, and the settings by which they do. */
const callers: Record<string, Record<string, string>> = {
  "a worker calls": { TURNLOG_API_TURNS: "0" },
  "the api calls": {},
};

/** Of all attempts: so many a machine that stands still for a moment may cost. */
const interruptedShareMax = 0.05;

/** What became of each case, by who made its first call. */
const outcomes = new Map<string, Outcome[]>();

Deno.test.beforeAll(async () => {
  // One after the other: both at once would be too much for a small machine.
  for (const [caller, variables] of Object.entries(callers)) {
    outcomes.set(caller, await runCases(variables));
  }
});

/** Tests every case, whoever makes its first call, and tells all that are wrong at once. */
function testCases(
  name: string,
  check: (current: Case, outcome: Outcome, index: number) => void,
): void {
  for (const caller of Object.keys(callers)) {
    Deno.test(`${caller}: ${name}`, () => {
      const outcomesOfCaller = outcomes.get(caller)!;
      assert.equal(outcomesOfCaller.length, cases.length);
      const problems = cases.flatMap((current, index) => {
        try {
          check(current, outcomesOfCaller[index], index);
          return [];
        } catch (error) {
          return [`${current.name}: ${error instanceof Error ? error.message : error}`];
        }
      });
      assert.deepEqual(problems, []);
    });
  }
}

/** Whether the answer comes in the end: a class that does not pass is answered by the next candidate alone, if by anyone. */
function isAnswered({ class: failureClass, recovery }: Case): boolean {
  if (failureClass === null) return true;
  const failure = { class: failureClass, message: "" };
  if (isTransient(failure)) return true;
  return recovery === "next" && reactionTo(failure) !== "give-up";
}

/** The attempts that fail and the one that does not, as model and class. */
function expectedAttempts(current: Case, index: number): [string, string | undefined][] {
  const { first, second } = namesOf(index);
  const { class: failureClass, recovery } = current;
  if (failureClass === null) return [[first, undefined]];
  const failure = { class: failureClass, message: "" };
  const reaction = reactionTo(failure);
  if (reaction === "retry") {
    switch (recovery) {
      case "same":
        return [[first, failureClass], [first, undefined]];
      case "next":
        return [[first, failureClass], [first, failureClass], [second, undefined]];
      case "down":
        return [[first, failureClass], [second, failureClass], [first, undefined]];
    }
  }
  if (reaction === "give-up" || recovery === "same") return [[first, failureClass]];
  return [[first, failureClass], [second, recovery === "next" ? undefined : failureClass]];
}

Deno.test("each first call is made by whoever is to make it", () => {
  for (const { apiCalls } of outcomes.get("a worker calls")!) assert.equal(apiCalls, 0);
  outcomes.get("the api calls")!.forEach(({ turn, apiCalls }, index) => {
    if (!isInterrupted(turn.attempts[0])) assert.equal(apiCalls, 1, cases[index].name);
  });
});

for (const caller of Object.keys(callers)) {
  Deno.test(`${caller}: next to no attempt is interrupted, so that the cases show what they are for`, () => {
    const attempts = outcomes.get(caller)!.flatMap(({ turn }) => turn.attempts);
    const interrupted = attempts.filter(isInterrupted);
    assert(
      interrupted.length < attempts.length * interruptedShareMax,
      `${interrupted.length} of ${attempts.length} attempts were interrupted`,
    );
  });
}

testCases(
  "the text is exact, word for word, in the store and in the stream",
  (current, { turn, parts }, index) => {
    const whole = simulateAnswer(questionOf(index), tokens).join("");
    assert.equal(turn.status, isAnswered(current) ? "completed" : "failed");
    if (isAnswered(current)) assert.equal(turn.text, whole);
    else assert(whole.startsWith(turn.text), turn.text);
    const shown = answerOf(parts);
    assert.equal(shown.text, turn.text);
    const continued = turn.attempts.filter(({ continues }) => continues > 0);
    assert.deepEqual(shown.seams, [...new Set(continued.map(({ continues }) => continues))]);
  },
);

testCases(
  "attempts tell who was asked, how that ended, and why there was another one",
  (current, { turn, requests, requestCount }, index) => {
    const calls = turn.attempts
      .map((attempt, number) => ({ attempt, request: requests[number] }))
      .filter(({ attempt }) => !isInterrupted(attempt));
    const told = calls.map(({ attempt: { model, error } }) => [model, error?.class]);
    // The one call that was to fail is the one that was interrupted.
    const isSpared = current.recovery === "same" && isInterrupted(turn.attempts[0]);
    const failing = expectedAttempts(current, index).slice(isSpared ? 1 : 0);
    const expected = failing.map(([model, failureClass], number) => {
      const hasToken = (calls[number]?.request?.sentMs.length ?? 0) > 0;
      const isTold = failureClass === undefined || hasToken || current.phase === "before";
      return [model, isTold ? failureClass : classWithoutToken(current)];
    });
    assert.deepEqual(told, expected);
    assert.equal(requestCount, requests.filter(Boolean).length, "an attempt is a call");
    turn.attempts.forEach((attempt, number) => {
      assert.deepEqual(attempt.reason, turn.attempts[number - 1]?.error ?? null);
      assert.equal(attempt.isFallback, attempt.model !== namesOf(index).first);
      assert.equal(attempt.continues, textBefore(turn.attempts, number).length);
      const hasToken = (requests[number]?.sentMs.length ?? 0) > 0;
      if (current.phase === "before") assert.equal(attempt.timeToFirstTokenMs !== null, hasToken);
    });
    if (!isAnswered(current)) assert.equal(turn.error?.class, current.class);
  },
);

/** A process that was too busy to tell that it lives is no failure of a provider: its answer was gone on with. */
function isInterrupted({ error }: Pick<AttemptView, "error">): boolean {
  return error?.class === "interrupted";
}

/** Everything that the attempts before this one have written: each continues all of it. */
function textBefore(attempts: AttemptView[], number: number): string {
  return attempts.slice(0, number).map(({ text }) => text).join("");
}

testCases(
  "the events are the turn's story, in its order, with a wait where all were down",
  (current, { turn, events }) => {
    const interrupted = turn.attempts.filter(isInterrupted).map(({ attempt }) => attempt);
    const attempts = turn.attempts.filter((attempt) => !isInterrupted(attempt)).map(({ error }) => [
      "attempt.started",
      error ? "attempt.failed" : "attempt.completed",
    ]);
    const told = events.filter(({ attempt = 0 }) => !interrupted.includes(attempt));
    const waits = current.recovery === "down" && current.class !== null && isAnswered(current);
    if (waits) attempts.splice(2, 0, ["turn.waiting"]);
    assert.deepEqual(told.map(({ type }) => type), [
      "message.sent",
      "turn.started",
      ...attempts.flat(),
      isAnswered(current) ? "turn.completed" : "turn.failed",
    ]);
    const waiting = events.find(({ type }) => type === "turn.waiting");
    if (waiting?.type !== "turn.waiting") return;
    assert([current.class, classWithoutToken(current)].includes(waiting.data.reason.class));
  },
);

testCases(
  "usage and cost count every attempt, by the provider's count or by an estimate that is said to be one",
  (current, { turn, events, requests }) => {
    const ends = events.flatMap((event) =>
      event.type === "attempt.completed" || event.type === "attempt.failed" ? [event.data] : []
    );
    ends.forEach(({ usage, isUsageEstimated, costUsd, text }, number) => {
      const sent = requests[number]?.sentMs.length ?? 0;
      if (isUsageEstimated) {
        const isCounted = current.continuation === "native" &&
          !isInterrupted(turn.attempts[number]);
        assert(!isCounted, "vLLM counts as it goes");
        assert(sent > 0 && usage.inputTokens > 0 && usage.outputTokens > 0, "it costs something");
      } else if (!isInterrupted(turn.attempts[number])) {
        // What is on its way when the time is over has not come: then the text tells.
        const isLate = current.what === "trickle" && turn.attempts[number].error !== null;
        const come = isLate ? splitTokens(text).length : sent;
        assert.equal(usage.outputTokens, come);
        if (sent > 0) assert.equal(usage.inputTokens, promptTokens);
      }
      const expected = (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1e6;
      assert(Math.abs(costUsd - expected) < 1e-9, `${costUsd} is not ${expected}`);
    });
    const total = ends.reduce((sum, { usage }) => addUsage(sum, usage), noUsage);
    assert.deepEqual(turn.usage, total);
    assert(Math.abs(turn.costUsd! - ends.reduce((sum, { costUsd }) => sum + costUsd, 0)) < 1e-9);
  },
);
