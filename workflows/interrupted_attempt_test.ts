import { MockActivityEnvironment } from "@temporalio/testing";
import assert from "node:assert/strict";
import type { EventOf } from "../events/contract/event.ts";
import type { Candidate } from "../events/contract/turn_plan.ts";
import { closeOpenAttempt, interrupted, type Progress } from "./interrupted_attempt.ts";
import { emptyAnswer } from "./stream_answer.ts";
import {
  endpoint,
  type TemporaryDependencies,
  turnId,
  withDependencies,
} from "./temporary_dependencies.ts";

type Earlier = Parameters<typeof closeOpenAttempt>[2];

async function close(dependencies: TemporaryDependencies, earlier: Earlier): Promise<void> {
  await new MockActivityEnvironment({ attempt: 2 })
    .run(() => closeOpenAttempt(dependencies, turnId, earlier));
  await dependencies.publisher.flush();
}

function heartbeatWith(text: string): Progress {
  return { attempt: 1, ...emptyAnswer(), text };
}

/** What readers were told, as `attempt.sequence` and the words. */
function told({ published }: TemporaryDependencies): string[] {
  return published.map(({ position: { attempt, sequence }, part }) =>
    `${attempt}.${sequence} ${"text" in part ? part.text : part.type}`
  );
}

Deno.test("an attempt whose worker died ends with all that its last heartbeat told, which readers get now", () =>
  withDependencies({ text: "Good ", lastSequence: 1 }, async (dependencies) => {
    await close(dependencies, { heartbeat: heartbeatWith("Good morning") });
    const [failed, ...others] = await dependencies.stated() as EventOf<"attempt.failed">[];
    assert.deepEqual(others, []);
    assert.equal(failed.type, "attempt.failed");
    assert.equal(failed.attempt, 1);
    assert.equal(failed.data.text, "Good morning");
    assert.deepEqual(failed.data.error, interrupted);
    assert.equal(failed.data.lastSequence, 3);
    assert.deepEqual(told(dependencies), ["1.2 morning", "1.3 attempt-end"]);
  }));

Deno.test("what readers have seen beyond the last heartbeat stays", () =>
  withDependencies({ text: "Good morning", lastSequence: 2 }, async (dependencies) => {
    await close(dependencies, { heartbeat: heartbeatWith("Good ") });
    const [failed] = await dependencies.stated() as EventOf<"attempt.failed">[];
    assert.equal(failed.data.text, "Good morning");
    assert.deepEqual(told(dependencies), ["1.3 attempt-end"]);
  }));

Deno.test("where nothing was published, readers are told that the attempt began, and how it ended", () =>
  withDependencies({}, async (dependencies) => {
    // The heartbeat of an earlier attempt says nothing of this one.
    await close(dependencies, { heartbeat: { ...heartbeatWith("Good"), attempt: 0 } });
    assert.deepEqual(told(dependencies), ["1.0 attempt-start", "1.1 attempt-end"]);
  }));

Deno.test("an interrupted attempt counts where it was called, and at the price of whom it called", () =>
  withDependencies({ text: "Good morning", lastSequence: 2 }, async (dependencies) => {
    const price = { input: 1, output: 2, version: "2026-01-01" };
    const candidate = { model: "demo", price } as Candidate;
    await close(dependencies, { candidate });
    const [failed] = await dependencies.stated() as EventOf<"attempt.failed">[];
    const { provider, isUsageEstimated, costUsd, priceVersion } = failed.data;
    assert.equal(provider, "local");
    assert.equal(failed.data.endpoint, endpoint);
    assert.equal(priceVersion, "2026-01-01");
    assert.equal(isUsageEstimated, true);
    assert(costUsd > 0);
  }));

Deno.test("an attempt that the user stopped is complete with what there was", () =>
  withDependencies({ text: "Good ", lastSequence: 1 }, async (dependencies) => {
    await close(dependencies, { isStopped: true });
    const [completed] = await dependencies.stated() as EventOf<"attempt.completed">[];
    assert.equal(completed.type, "attempt.completed");
    assert.deepEqual(completed.data.finishReason, { unified: "stopped", raw: null });
    const end = dependencies.published.at(-1)!.part;
    assert.equal(end.type === "attempt-end" && end.outcome, "stopped");
  }));

Deno.test("an attempt that has ended stays as it is", () =>
  withDependencies({ text: "Good ", lastSequence: 1 }, async (dependencies) => {
    await close(dependencies, {});
    const stated = await dependencies.stated();
    const { published: { length } } = dependencies;
    await close(dependencies, { heartbeat: heartbeatWith("Good morning") });
    assert.deepEqual(await dependencies.stated(), stated);
    assert.equal(dependencies.published.length, length);
  }));
