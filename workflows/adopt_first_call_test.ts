import type { ApplicationFailure } from "@temporalio/activity";
import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { createEvent, type EventOf } from "../events/contract/event.ts";
import { adoptFirstCall, endFirstCall, finishFirstCall } from "./adopt_first_call.ts";
import type { CallModelInput, FirstCallResult } from "./attempt.ts";
import { FirstCalls, type StartedCall } from "./first_calls.ts";
import { interrupted } from "./interrupted_attempt.ts";
import { simulateAnswer } from "./providers/simulated_answer.ts";
import {
  attemptStarted,
  messageSent,
  plan,
  type TemporaryDependencies,
  turnId,
  withDependencies,
} from "./temporary_dependencies.ts";
import { until } from "./testing/until.ts";
import { subjectOf } from "./turn_events.ts";

const [candidate] = plan.candidates;
const input: CallModelInput = {
  turnId,
  candidates: [candidate.model],
  candidate,
  timeouts: plan.timeouts,
  continuation: plan.continuation,
  parameters: {},
  isFallback: false,
};

const whole = simulateAnswer("Hello").join("");
/** What a call has given that does not end by itself. */
const begun = simulateAnswer("Hello").slice(0, 3).join("");
const hanging = { failure: "hang", cutAfterTokens: 3 };

interface Situation {
  dependencies: TemporaryDependencies;
  firstCalls: FirstCalls;
  call: StartedCall;
  /** Of the step or activity that looks for the call. */
  environment: MockActivityEnvironment;
  finish(): ReturnType<typeof finishFirstCall>;
  adopt(): ReturnType<typeof adoptFirstCall>;
  end(type: "turn.stopped" | "turn.failed"): Promise<void>;
}

/** Runs with a first call that is under way, and shown unless something else is said. */
function withFirstCall(
  { isShown = true, ...parameters }: { isShown?: boolean; [name: string]: unknown },
  test: (situation: Situation) => Promise<void>,
): Promise<void> {
  return withDependencies({}, async (dependencies) => {
    const firstCalls = new FirstCalls(dependencies, { place: { taskQueue: "own" }, callsMax: 1 });
    const asked = { ...candidate, parameters: { ...candidate.parameters, ...parameters } };
    const shown = firstCalls.begin({ ...plan, candidates: [asked] }, [])!;
    const call = firstCalls.find(turnId)!;
    if (isShown) shown.show();
    // That an activity fails is what some tests are about.
    const logger = new DefaultLogger("ERROR");
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 2000 }, { logger });
    try {
      if (parameters.failure === "hang") {
        await until(() => call.answer.text === begun);
      }
      await test({
        dependencies,
        firstCalls,
        call,
        environment,
        finish: () => environment.run(() => finishFirstCall(dependencies, firstCalls, input)),
        adopt: () => environment.run(() => adoptFirstCall(dependencies, firstCalls, input)),
        end: (type) => {
          const ending = type === "turn.failed" ? { type, error: interrupted } : { type };
          const asked = { message: messageSent, ...ending };
          return environment.run(() => endFirstCall(dependencies, firstCalls, asked));
        },
      });
    } finally {
      call.interrupt();
      await call.outcome;
      call.release();
    }
  });
}

/** The only thing that was stated: how the attempt ended. */
async function endOf<Type extends "attempt.completed" | "attempt.failed">(
  { dependencies }: Situation,
  type: Type,
): Promise<EventOf<Type>["data"]> {
  const [event, ...others] = await dependencies.stated();
  assert.deepEqual([event?.type, ...others], [type]);
  return event.data as EventOf<Type>["data"];
}

async function assertNothingStated({ dependencies }: Situation): Promise<void> {
  assert.deepEqual(await dependencies.stated(), []);
}

function outcomeOf(result: FirstCallResult): string {
  return typeof result === "object" ? result.outcome : result;
}

const stopped = { unified: "stopped", raw: null };
const isWithoutCall = ({ type, nonRetryable }: ApplicationFailure) =>
  type === "no-first-call" && nonRetryable === true;

for (const way of ["finish", "adopt"] as const) {
  Deno.test(`${way}: an answer ends its attempt and its turn`, () =>
    withFirstCall({}, async (situation) => {
      const { dependencies, firstCalls } = situation;
      const finishReason = { unified: "stop", raw: "stop" };
      assert.deepEqual(await situation[way](), {
        outcome: "completed",
        finishReason,
        endsTurn: true,
      });
      const [attempt, turn, ...others] = await dependencies.stated();
      assert.deepEqual([attempt.type, turn.type, ...others], [
        "attempt.completed",
        "turn.completed",
      ]);
      assert.equal((attempt as EventOf<"attempt.completed">).data.text, whole);
      const ends = dependencies.published.slice(-2).map(({ part }) => part.type);
      assert.deepEqual(ends, ["attempt-end", "end"]);
      assert.equal(firstCalls.find(turnId), undefined, "nobody needs it any more");
    }));

  Deno.test(`${way}: what the provider does wrong is an outcome, and the turn goes on`, () =>
    withFirstCall({ failure: "cut", cutAfterTokens: 3 }, async (situation) => {
      assert.equal(outcomeOf(await situation[way]()), "failed");
      const { text, error } = await endOf(situation, "attempt.failed");
      assert.deepEqual([text, error.class], [begun, "cut-off"]);
    }));

  Deno.test(`${way}: a call that a worker has followed meanwhile states nothing more`, () =>
    withFirstCall({}, async (situation) => {
      const { dependencies, call } = situation;
      await call.outcome;
      await dependencies.store.append([createEvent({
        id: "ended-by-a-worker",
        source: "turnlog/workflows",
        type: "attempt.failed",
        subject: subjectOf(messageSent, 1),
        data: {
          ...attemptStarted.data,
          ...call.answer,
          costUsd: 0,
          priceVersion: null,
          isContinuation: false,
          lastSequence: 1,
          error: interrupted,
        },
      })]);
      assert.equal(outcomeOf(await situation[way]()), "completed");
      await endOf(situation, "attempt.failed");
      const told = dependencies.published.map(({ part }) => part.type);
      assert(!told.includes("attempt-end") && !told.includes("end"), "the worker tells it");
    }));
}

Deno.test("finish: an answer that takes long is left running, to be adopted as an activity", () =>
  withFirstCall(hanging, async (situation) => {
    const { finish, firstCalls, call } = situation;
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const finishing = finish();
      mock.timers.tick(10_000);
      assert.equal(await finishing, "running");
    } finally {
      mock.timers.reset();
    }
    await assertNothingStated(situation);
    assert.equal(firstCalls.find(turnId), call);
  }));

Deno.test("finish: a process that ends breaks its call off, and states what there was of it", () =>
  withFirstCall(hanging, async (situation) => {
    const finishing = situation.finish();
    situation.firstCalls.interrupt();
    assert.equal(await finishing, "interrupted");
    const { text, error } = await endOf(situation, "attempt.failed");
    assert.deepEqual({ text, error }, { text: begun, error: interrupted });
  }));

Deno.test("finish: where the workflow is cancelled it is left running, until the workflow ends its turn", () =>
  withFirstCall(hanging, async (situation) => {
    const finishing = situation.finish();
    situation.environment.cancel();
    assert.equal(await finishing, "running");
    await assertNothingStated(situation);
  }));

Deno.test("finish: a stop does not wait for the answer, and the end of the turn keeps what there was of it", () =>
  withFirstCall(hanging, async (situation) => {
    const finishing = situation.finish();
    situation.dependencies.requestStop();
    assert.equal(await finishing, "running");
    await assertNothingStated(situation);
    await situation.end("turn.stopped");
    const { text, finishReason } = await endOf(situation, "attempt.completed");
    assert.deepEqual({ text, finishReason }, { text: begun, finishReason: stopped });
    assert.equal(situation.firstCalls.find(turnId), undefined);
  }));

Deno.test("finish: a call of another process is not looked for here", () =>
  withFirstCall({}, async ({ call, finish, dependencies }) => {
    call.abandon();
    assert.equal(await finish(), "elsewhere");
    assert.deepEqual(await dependencies.stated(), []);
  }));

Deno.test("adopt: while the answer goes on, Temporal is told that it is under way", () =>
  withFirstCall(hanging, async ({ environment, adopt, call }) => {
    let heartbeats = 0;
    environment.on("heartbeat", () => heartbeats++);
    mock.timers.enable({ apis: ["setInterval"] });
    try {
      const adopting = adopt();
      mock.timers.tick(3000);
      assert.equal(heartbeats, 3);
      call.interrupt();
      await assert.rejects(adopting);
      mock.timers.tick(3000);
      assert.equal(heartbeats, 3);
    } finally {
      mock.timers.reset();
    }
  }));

Deno.test("adopt: where there is no such call, a worker is to make one", () =>
  withFirstCall({}, async (situation) => {
    situation.call.abandon();
    await assert.rejects(situation.adopt(), isWithoutCall);
    await assertNothingStated(situation);
  }));

Deno.test("adopt: a call that is given up before it is shown is no call", () =>
  withFirstCall({ ...hanging, isShown: false }, async (situation) => {
    const adopting = situation.adopt();
    situation.call.abandon();
    await assert.rejects(adopting, isWithoutCall);
    await assertNothingStated(situation);
  }));

for (const when of ["before it is adopted", "in its middle"]) {
  Deno.test(`adopt: a turn that is cancelled ${when} keeps what there was of it`, () =>
    withFirstCall(hanging, async (situation) => {
      const { environment, adopt } = situation;
      if (when === "before it is adopted") environment.cancel();
      const adopting = adopt();
      environment.cancel();
      assert.deepEqual(await adopting, { outcome: "stopped" });
      const { text, finishReason } = await endOf(situation, "attempt.completed");
      assert.deepEqual({ text, finishReason }, { text: begun, finishReason: stopped });
    }));
}

Deno.test("adopt: a process that ends hands its call on, with what there was of it", () =>
  withFirstCall(hanging, async (situation) => {
    const adopting = situation.adopt();
    situation.environment.cancel("WORKER_SHUTDOWN");
    await assert.rejects(adopting, ({ type }: ApplicationFailure) => type === "interrupted");
    const { text, error } = await endOf(situation, "attempt.failed");
    assert.deepEqual({ text, error }, { text: begun, error: interrupted });
  }));

Deno.test("end: a turn that fails drops its call, of which nothing is told any more", () =>
  withFirstCall(hanging, async (situation) => {
    await situation.end("turn.failed");
    assert.deepEqual(await situation.call.outcome, { type: "aborted" });
    await assertNothingStated(situation);
    assert.equal(situation.firstCalls.find(turnId), undefined);
  }));

Deno.test("end: where this process makes no call for the turn, there is nothing to end", () =>
  withFirstCall({}, async (situation) => {
    situation.call.abandon();
    await situation.end("turn.stopped");
    await assertNothingStated(situation);
  }));
