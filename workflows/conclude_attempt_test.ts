import type { ApplicationFailure } from "@temporalio/activity";
import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import assert from "node:assert/strict";
import type { EventOf } from "../events/contract/event.ts";
import type { Failure } from "../events/contract/failure.ts";
import type { CallModelResult } from "./attempt.ts";
import { concludeAttempt } from "./conclude_attempt.ts";
import { interrupted } from "./interrupted_attempt.ts";
import { emptyAnswer, type Outcome } from "./stream_answer.ts";
import {
  plan,
  type TemporaryDependencies,
  turnId,
  withDependencies,
} from "./temporary_dependencies.ts";

const candidate = { ...plan.candidates[0], price: { input: 10, output: 20, version: "v1" } };
const finishReason = { unified: "stop", raw: "end_turn" } as const;
const finished: Outcome = { type: "finished", finishReason };
const aborted: Outcome = { type: "aborted" };

/** Concludes the turn's attempt, whose call gave two words, in an activity that may have been cancelled. */
async function conclude(
  dependencies: TemporaryDependencies,
  { outcome, isStopRequested = false, cancelledFor }: {
    outcome: Outcome;
    isStopRequested?: boolean;
    cancelledFor?: "CANCELLED" | "WORKER_SHUTDOWN";
  },
): Promise<CallModelResult> {
  const answer = {
    ...emptyAnswer(),
    text: "Good morning",
    usage: { inputTokens: 1000, outputTokens: 2000, cachedTokens: 0, reasoningTokens: 0 },
  };
  const stream = dependencies.publisher.openStream(turnId, 1);
  // That an activity fails is what some tests are about.
  const logger = new DefaultLogger("ERROR");
  const environment = new MockActivityEnvironment({}, { logger });
  if (cancelledFor !== undefined) environment.cancel(cancelledFor);
  const asked = { turnId, candidate, isFallback: true };
  const begun = { type: "begun", attempt: 1, partialText: "" } as const;
  const ended = { answer, stream, outcome, isStopRequested };
  return await environment.run(() => concludeAttempt(dependencies, asked, begun, ended));
}

function toldTypes({ published }: TemporaryDependencies): string[] {
  return published.map(({ part }) => part.type);
}

Deno.test("an answer that is complete ends the attempt and the turn in one, with what it cost", () =>
  withDependencies({}, async (dependencies) => {
    const result = await conclude(dependencies, { outcome: finished });
    assert.deepEqual(result, { outcome: "completed", finishReason, endsTurn: true });
    const [attempt, turn, ...others] = await dependencies.stated();
    assert.deepEqual(others, []);
    const { data } = attempt as EventOf<"attempt.completed">;
    assert.equal(attempt.type, "attempt.completed");
    assert.deepEqual(
      [data.text, data.model, data.isFallback, data.isContinuation, data.finishReason],
      ["Good morning", "demo", true, false, finishReason],
    );
    assert.deepEqual([data.costUsd, data.priceVersion], [0.05, "v1"]);
    assert.equal(turn.type, "turn.completed");
    assert.equal((turn as EventOf<"turn.completed">).data.costUsd, 0.05);
    assert.deepEqual(toldTypes(dependencies), ["attempt-end", "end"]);
  }));

Deno.test("a failure of the provider ends the attempt, and not the turn", () =>
  withDependencies({}, async (dependencies) => {
    const failure: Failure = { class: "overloaded", message: "Busy", retryAfterMs: 30 };
    const result = await conclude(dependencies, { outcome: { type: "failed", failure } });
    assert.deepEqual(result, { outcome: "failed", failure });
    const [failed, ...others] = await dependencies.stated() as EventOf<"attempt.failed">[];
    assert.deepEqual([failed.type, ...others], ["attempt.failed"]);
    assert.deepEqual(failed.data.error, failure);
    assert.equal(failed.data.costUsd, 0.05, "it is paid for all the same");
    assert.deepEqual(toldTypes(dependencies), ["attempt-end"]);
  }));

for (
  const [who, how] of Object.entries(
    {
      "by the quick way": { isStopRequested: true },
      "through Temporal": { cancelledFor: "CANCELLED" },
    } as const,
  )
) {
  Deno.test(`a call that the user stopped ${who} is complete with what there was`, () =>
    withDependencies({}, async (dependencies) => {
      const result = await conclude(dependencies, { outcome: aborted, ...how });
      assert.deepEqual(result, { outcome: "stopped" });
      const [completed, ...others] = await dependencies.stated() as EventOf<"attempt.completed">[];
      assert.deepEqual([completed.type, ...others], ["attempt.completed"]);
      const { text, finishReason } = completed.data;
      assert.deepEqual([text, finishReason.unified], ["Good morning", "stopped"]);
      assert.deepEqual(toldTypes(dependencies), ["attempt-end"]);
    }));
}

Deno.test("an answer that was complete when the stop came is complete", () =>
  withDependencies({}, async (dependencies) => {
    const result = await conclude(dependencies, { outcome: finished, isStopRequested: true });
    assert.equal(result.outcome, "completed");
  }));

for (const cancelledFor of [undefined, "WORKER_SHUTDOWN"] as const) {
  Deno.test(`a call that breaks off without a stop goes to another worker (${cancelledFor ?? "not cancelled"})`, () =>
    withDependencies({}, async (dependencies) => {
      await assert.rejects(
        conclude(dependencies, { outcome: aborted, cancelledFor }),
        ({ type, nonRetryable }: ApplicationFailure) => type === "interrupted" && !nonRetryable,
      );
      const [failed, ...others] = await dependencies.stated() as EventOf<"attempt.failed">[];
      assert.deepEqual([failed.type, ...others], ["attempt.failed"]);
      const { text, error } = failed.data;
      assert.deepEqual({ text, error }, { text: "Good morning", error: interrupted });
    }));
}

Deno.test("an attempt that another worker has ended stays as it is, and its end is told by that one", () =>
  withDependencies({}, async (dependencies) => {
    const failure: Failure = { class: "stalled", message: "Silent" };
    await conclude(dependencies, { outcome: { type: "failed", failure } });
    const stated = await dependencies.stated();
    const told = toldTypes(dependencies);
    const result = await conclude(dependencies, { outcome: finished });
    assert.deepEqual(result, { outcome: "completed", finishReason, endsTurn: false });
    assert.deepEqual(await dependencies.stated(), stated);
    assert.deepEqual(toldTypes(dependencies), told);
  }));
