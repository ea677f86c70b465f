/**
 * The workflow `answerTurn`: one user message and the work done to answer it. It must be deterministic: recorded
 * histories are replayed by the tests, and a change to a step that has shipped goes behind `patched()`.
 */
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  defineSignal,
  isCancellation,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  upsertSearchAttributes,
} from "@temporalio/workflow";
import type { Failure } from "../events/contract/failure.ts";
import { chooseModelSignal, stopSignal } from "../events/contract/names.ts";
import type { Candidate, ModelChoice, TurnPlan } from "../events/contract/turn_plan.ts";
import type { Activities, EndInput } from "./activities.ts";
import type { CallModelInput, CallModelResult } from "./attempt.ts";
import { fellAsleep, wakeServer, wakesMax } from "./model_manager/wake_server.ts";
import {
  isTransient,
  longWaitRounds,
  mayFit,
  reactionTo,
  retryDelayMs,
  unknownTurn,
} from "./failure_policy.ts";
import { pause, pauseMs, type Wish } from "./waiting.ts";

export { backtest } from "./backtest.ts";
export { manageModel } from "./model_manager/manage_model.ts";
export { sleepIdleModels } from "./model_manager/sleep_idle_models.ts";
export { retryTurns } from "./retry_turns.ts";

/** Ends the turn, keeping as much of the answer as the user had seen, in UTF-16 code units. */
export const stopTurn = defineSignal<[{ seenLength?: number }]>(stopSignal);

/** Lets another model or route answer a turn that waits: at once there, after the attempt that is under way elsewhere. */
export const chooseModel = defineSignal<[ModelChoice]>(chooseModelSignal);

const modelKey = defineSearchAttributeKey("Model", SearchAttributeType.KEYWORD);
const providerKey = defineSearchAttributeKey("Provider", SearchAttributeType.KEYWORD);
const outcomeKey = defineSearchAttributeKey("Outcome", SearchAttributeType.KEYWORD);

/** Short steps on the store: local, and tried again for as long as the store is away (a full disk, say). */
const { storeMessage, waitTurn, rerouteTurn, endTurn } = proxyLocalActivities<Activities>({
  startToCloseTimeout: "10s",
  retry: { initialInterval: "100ms", maximumInterval: "10s" },
});

/** A worker that is silent for so long is dead, and another one goes on. */
const heartbeatTimeoutMs = 3000;
/** Beyond the attempt's own timeouts: for the store and the broker. */
const callMarginMs = 60_000;
/** How long the workflow waits for the process that made the first call already. */
const adoptionMs = 2000;
/**
 * How often Temporal tries again when workers die or the store fails; what providers do is decided here. No storm of dying
 * workers uses this up, and a call that nobody can carry out fails within some ten minutes.
 */
const callExecutionsMax = 1000;
/** Short, as the reader of an answer waits: who goes on after a worker has died is not the one that failed. */
const callRetryMs = 20;
const callRetryMsMax = 500;

interface StopRequest {
  seenLength?: number;
}

export async function answerTurn(plan: TurnPlan): Promise<{ outcome: "completed" | "stopped" }> {
  let stop: StopRequest | undefined;
  const answering = new CancellationScope();
  setHandler(stopTurn, (request) => {
    stop ??= request;
    answering.cancel();
  });

  const wish: Wish = {};
  setHandler(chooseModel, (choice) => {
    wish.choice = choice;
  });

  const called = await untilStopped(answering, () => callUntilAnswered(plan, wish));
  // The answer may have ended while the stop was on its way; the user was promised that it stops.
  const result: CallModelResult = stop === undefined || hasEndedTurn(called)
    ? called
    : { outcome: "stopped" };
  const { message } = plan;
  switch (result.outcome) {
    case "completed":
      if (hasEndedTurn(result)) nameOutcome("completed");
      else {
        await end(
          { message, type: "turn.completed", finishReason: result.finishReason },
          "completed",
        );
      }
      return { outcome: "completed" };
    case "stopped":
      await end({ message, type: "turn.stopped", seenLength: stop?.seenLength }, "stopped");
      return { outcome: "stopped" };
    case "failed":
      await end({ message, type: "turn.failed", error: result.failure }, result.failure.class);
      // A failed turn is a failed run, so that an operator finds it and can reset it.
      throw ApplicationFailure.nonRetryable(result.failure.message, result.failure.class);
  }
}

async function end(input: EndInput, outcome: string): Promise<void> {
  // A stop that comes now must not undo an end that is being told.
  await CancellationScope.nonCancellable(() => endTurn(input));
  nameOutcome(outcome);
}

/** How the turn ended, for those who filter in the Temporal UI. */
function nameOutcome(outcome: string): void {
  upsertSearchAttributes([{ key: outcomeKey, value: outcome }]);
}

function hasEndedTurn(result: CallModelResult): boolean {
  return result.outcome === "completed" && result.endsTurn === true;
}

/** Runs the work so that a stop ends it, before it begins as well as in the middle. */
async function untilStopped(
  scope: CancellationScope,
  work: () => Promise<CallModelResult>,
): Promise<CallModelResult> {
  try {
    return await scope.run(work);
  } catch (error) {
    if (scope.consideredCancelled && isCancellation(error)) return { outcome: "stopped" };
    throw error;
  }
}

/** Tries all candidates, again and again while the plan lets the turn wait for one of them. */
async function callUntilAnswered(asked: TurnPlan, wish: Wish): Promise<CallModelResult> {
  const giveUpAtMs = Date.now() + (asked.onExhausted === "wait" ? asked.waitMs : 0);
  let plan = asked;
  const search: Search = {
    reason: asked.passedOver,
    round: 0,
    isChosen: false,
    tooSmallTokens: 0,
    recoveryMs: Infinity,
  };
  while (true) {
    const { result, passing } = await callCandidates(plan, search, wish);
    if (result.outcome !== "failed") return result;
    search.reason = result.failure;
    if (wish.choice === undefined) {
      const longestMs = passing &&
        pauseMs(plan, { passing, last: result.failure }, search.round, giveUpAtMs);
      if (passing === undefined || longestMs === undefined) return result;
      // Later on, what keeps the history short outweighs it.
      const delayMs = search.round < longWaitRounds
        ? Math.min(longestMs, search.recoveryMs)
        : longestMs;
      if (search.round === 0) nameOutcome("waiting");
      const until = new Date(Date.now() + delayMs).toISOString();
      await waitTurn({ turnId: plan.turnId, until, reason: passing });
      await pause(delayMs, `waiting: ${passing.class}`, wish);
      search.round++;
    }
    if (wish.choice !== undefined) {
      const { choice } = wish;
      wish.choice = undefined;
      const candidates = choice.candidates.map(({ model }) => model);
      await rerouteTurn({ turnId: plan.turnId, route: choice.route, candidates });
      plan = { ...plan, passedOver: undefined, ...choice, firstCall: undefined };
      Object.assign(search, { round: 0, isChosen: true, tooSmallTokens: 0 });
    }
  }
}

/** How far the search for a candidate that answers is. */
interface Search {
  /** Why there is another attempt. */
  reason?: Failure;
  /** How often the turn has waited, since the user chose if they did. */
  round: number;
  isChosen: boolean;
  /** The largest context that was too small for the conversation. */
  tooSmallTokens: number;
  /** How soon the first of the candidates that were passed over may be called again; never where none was. */
  recoveryMs: number;
}

/**
 * Tries each candidate in order, each as often as the plan says; once where the turn has waited before.
 *
 * @returns The last result, and the last failure that may pass, if there was one.
 */
async function callCandidates(
  plan: TurnPlan,
  search: Search,
  wish: Wish,
): Promise<{ result: CallModelResult; passing?: Failure }> {
  const { round, isChosen } = search;
  const tries = round === 0 ? plan.retry.attempts : 1;
  let { reason } = search;
  let passing: Failure | undefined;
  search.recoveryMs = Infinity;
  for (const [index, candidate] of plan.candidates.entries()) {
    if (!mayFit(candidate, search.tooSmallTokens) && patched("larger-context")) continue;
    const isNamed = round === 0 ? index === 0 && !isChosen : plan.candidates.length === 1;
    if (!isNamed) nameCandidate(candidate);
    for (let retries = 0;; retries++) {
      const isFirst = round + index + retries === 0;
      const adopted = isFirst && plan.firstCall
        ? await adoptFirstCall(plan, plan.firstCall.taskQueue)
        : null;
      const asleep = fellAsleep(adopted);
      const isFallback = index > 0 || plan.passedOver !== undefined;
      const result = adopted !== null && asleep === null ? adopted : await callCandidate(
        plan,
        candidate,
        { isFallback, reason: asleep ?? reason },
      );
      if (result.outcome !== "failed") return { result };
      const { failure, skipped } = result;
      // Without its message: a provider may repeat in it what it was asked.
      log.info(skipped ? "A candidate was passed over" : "An attempt failed", {
        model: candidate.model,
        class: failure.class,
      });
      reason = failure;
      if (skipped) {
        search.recoveryMs = Math.min(search.recoveryMs, failure.retryAfterMs ?? Infinity);
      }
      if (wish.choice !== undefined) return { result };
      const reaction = skipped ? "fall-back" : reactionTo(failure);
      if (reaction === "give-up") return { result };
      if (reaction === "larger-context") {
        const contextTokens = failure.contextTokens ?? candidate.contextTokens ?? 0;
        search.tooSmallTokens = Math.max(search.tooSmallTokens, contextTokens);
      }
      if (isTransient(failure)) passing = failure;
      if (reaction !== "retry" || retries + 1 >= tries) break;
      const delayMs = retryDelayMs(failure, retries, Math.random(), plan.retry.delayMs);
      await pause(delayMs, `retry: ${failure.class}`, wish);
    }
  }
  const failure: Failure = reason ?? { class: "internal", message: "The plan names no candidate" };
  return { result: { outcome: "failed", failure }, passing };
}

/** Adopts the call that the api has made already. @returns Null where it is gone: then a worker makes one. */
async function adoptFirstCall(plan: TurnPlan, taskQueue: string): Promise<CallModelResult | null> {
  const { callModel } = proxyActivities<Activities>({
    ...callOptions(plan, plan.candidates[0]),
    taskQueue,
    scheduleToStartTimeout: adoptionMs,
    retry: { maximumAttempts: 1 },
  });
  try {
    const reason = plan.passedOver;
    const circumstances = { isFallback: reason !== undefined, reason };
    const result = await callModel(callInput(plan, plan.candidates[0], circumstances));
    return result.outcome === "asleep" ? null : result;
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.info("The process that made the first call is gone", { taskQueue, error });
    return null;
  }
}

async function callCandidate(
  plan: TurnPlan,
  candidate: Candidate,
  circumstances: Circumstances,
): Promise<CallModelResult> {
  const { callModel } = proxyActivities<Activities>({
    ...callOptions(plan, candidate),
    retry: {
      initialInterval: callRetryMs,
      maximumInterval: callRetryMsMax,
      maximumAttempts: callExecutionsMax,
    },
  });
  let { reason } = circumstances;
  for (let wakes = 0;;) {
    try {
      const result = await callModel(callInput(plan, candidate, { ...circumstances, reason }));
      const asleep = fellAsleep(result);
      if (asleep !== null && ++wakes <= wakesMax) {
        reason = asleep;
        continue;
      }
      if (result.outcome !== "asleep") return result;
      const failure = await wakeServer(plan.turnId, result.server, wakes++, waitTurn);
      if (failure !== null) return { outcome: "failed", failure };
    } catch (error) {
      if (isCancellation(error)) throw error;
      if (isUnknownTurn(error)) {
        // The api has died before it stored the message. Not done by each turn: it would take longer than all else.
        await storeMessage(plan);
        continue;
      }
      log.error("callModel failed", { model: candidate.model, error });
      const message = "Turnlog could not carry out the call; its run in Temporal tells why";
      return { outcome: "failed", failure: { class: "internal", message } };
    }
  }
}

type Circumstances = Pick<CallModelInput, "isFallback" | "reason">;

function callOptions({ timeouts }: TurnPlan, { limits }: Candidate) {
  return {
    startToCloseTimeout: (limits?.queueMs ?? 0) + timeouts.totalMs + callMarginMs,
    heartbeatTimeout: heartbeatTimeoutMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  };
}

function callInput(
  plan: TurnPlan,
  candidate: Candidate,
  circumstances: Circumstances,
): CallModelInput {
  const { turnId, timeouts, continuation, systemPrompt, parameters } = plan;
  const candidates = plan.candidates.map(({ model }) => model);
  const settings = { turnId, candidates, timeouts, continuation, systemPrompt, parameters };
  return { ...settings, candidate, ...circumstances };
}

function isUnknownTurn(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure &&
    error.cause.type === unknownTurn;
}

/** Whom the turn calls now, for those who filter in the Temporal UI; the first candidate is named at the start. */
function nameCandidate({ model, provider }: Candidate): void {
  upsertSearchAttributes([{ key: modelKey, value: model }, { key: providerKey, value: provider }]);
}
