/** A candidate's call within the workflow of a turn: the activity `callModel`, and what has to be done before it can run. */
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  log,
  proxyActivities,
  proxyLocalActivities,
} from "@temporalio/workflow";
import type { Candidate, TurnPlan } from "../events/contract/turn_plan.ts";
import type { Activities } from "./activities.ts";
import type { CallModelInput, CallModelResult, FirstCallResult } from "./attempt.ts";
import { unknownTurn } from "./failure_policy.ts";
import { fellAsleep, wakeServer, wakesMax } from "./model_manager/wake_server.ts";
import { storeMessage, waitTurn } from "./store_steps.ts";

/**
 * A worker that is silent for so long is dead, and another one goes on; for plans that do not say it, as those of backtests
 * and of releases before 0.2.
 */
const unstatedHeartbeatTimeoutMs = 3000;
/** Beyond the attempt's own timeouts: for the store and the broker. */
const callMarginMs = 60_000;
/** How long the workflow waits for the process that made the first call, where it lives. */
const adoptionMs = 2000;
/** The same where another process runs the workflow: as a rule the one that made the call has died. */
const searchMs = 1000;
/** How long a quick answer and the statement of its end may take; after that it is an activity's matter. */
const finishMs = 20_000;
/**
 * How often Temporal tries again when workers die or the store fails; what providers do is decided here. No storm of dying
 * workers uses this up, and a call that nobody can carry out fails within some ten minutes.
 */
const callExecutionsMax = 1000;
/** Short, as the reader of an answer waits: who goes on after a worker has died is not the one that failed. */
const callRetryMs = 20;
const callRetryMsMax = 500;

type Circumstances = Pick<
  CallModelInput,
  "isFallback" | "reason" | "isFirstCallLost" | "exposures"
>;

/**
 * Calls the candidate, or adopts the call where the api has made it already.
 *
 * @param mayAdopt Whether it is the turn's first call.
 */
export async function callCandidate(
  plan: TurnPlan,
  candidate: Candidate,
  { mayAdopt, ...circumstances }: Circumstances & { mayAdopt: boolean },
): Promise<CallModelResult> {
  if (!mayAdopt || plan.firstCall === undefined) {
    return await callByWorker(plan, candidate, circumstances);
  }
  const input = callInput(plan, candidate, circumstances);
  const adopted = await adopt(plan, candidate, input);
  const asleep = fellAsleep(adopted);
  if (adopted !== null && asleep === null) return adopted;
  const reason = asleep ?? circumstances.reason;
  const isFirstCallLost = adopted === null;
  return await callByWorker(plan, candidate, { ...circumstances, reason, isFirstCallLost });
}

/** Adopts the call that the api has made already. @returns Null where it is gone: then a worker makes one. */
async function adopt(
  { firstCall, ...plan }: TurnPlan,
  candidate: Candidate,
  input: CallModelInput,
): Promise<CallModelResult | null> {
  const { taskQueue, runsWorkflows } = firstCall!;
  const finished = runsWorkflows ? await finishQuickly(input) : "running";
  if (typeof finished === "object") return finished;
  if (finished === "interrupted") return null;
  const { callModel } = proxyActivities<Activities>({
    ...callOptions(plan, candidate),
    taskQueue,
    scheduleToStartTimeout: finished === "running" ? adoptionMs : searchMs,
    retry: { maximumAttempts: 1 },
  });
  try {
    const result = await callModel(input);
    return result.outcome === "asleep" ? null : result;
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.info("The process that made the first call is gone", { taskQueue, error });
    return null;
  }
}

/** @returns How the call ended, or where it is: with the process that runs this step, or perhaps with another one. */
async function finishQuickly(input: CallModelInput): Promise<FirstCallResult> {
  const { finishFirstCall } = proxyLocalActivities<Activities>({
    startToCloseTimeout: finishMs,
    retry: { maximumAttempts: 1 },
  });
  try {
    return await finishFirstCall(input);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.info("The first call could not be finished at once", { error });
    return "elsewhere";
  }
}

async function callByWorker(
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

function callOptions(plan: Omit<TurnPlan, "firstCall">, { limits }: Candidate) {
  return {
    startToCloseTimeout: (limits?.queueMs ?? 0) + plan.timeouts.totalMs + callMarginMs,
    heartbeatTimeout: plan.heartbeatTimeoutMs ?? unstatedHeartbeatTimeoutMs,
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
