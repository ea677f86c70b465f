/**
 * The workflow `manageModel`: the changes of one server's models, one after the other, whoever asks for them. It is open
 * while something is asked of it and while the server sleeps, as it knows then what the model wrote before.
 */
import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineUpdate,
  proxyActivities,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import {
  failedWakeMs,
  type ModelChange,
  type ModelChangeRequest,
  type ModelChangeResult,
  type ModelProblem,
  type ModelServer,
} from "../../events/contract/model_change.ts";
import { changeModelUpdate } from "../../events/contract/names.ts";
import type { FoundServer, ModelActivities } from "./model_activities.ts";

export const changeModel = defineUpdate<ModelChangeResult, [ModelChangeRequest]>(changeModelUpdate);

/** A big model takes minutes for its weights, and a long answer to end before a sleep. */
const {
  lookAtServer,
  readUse,
  askCanary,
  checkCanary,
  sleepServer,
  wakeServer,
  reloadWeights,
  stateChange,
  loadAdapter,
  unloadAdapter,
} = proxyActivities<ModelActivities>({
  startToCloseTimeout: "15m",
  heartbeatTimeout: "3s",
  retry: { initialInterval: "100ms", maximumInterval: "5s", maximumAttempts: 20 },
});

/** How many different changes may wait for a server. */
const waitingMax = 20;

export interface ManageModelInput {
  server: ModelServer;
  /** What an earlier run of the workflow knew. */
  known?: KnownServer;
}

interface KnownServer {
  isAsleep: boolean;
  /** What the model wrote before it slept; null where nobody asked it. */
  canary: string | null;
  failedWake: { atMs: number; message: string } | null;
}

export async function manageModel({ server, known }: ManageModelInput): Promise<void> {
  const state: KnownServer = known ?? { isAsleep: false, canary: null, failedWake: null };
  const changes = new Map<string, Promise<ModelChangeResult>>();
  let last: Promise<unknown> = Promise.resolve();

  setHandler(changeModel, ({ change, reason }: ModelChangeRequest) => {
    // Whoever asks for what waits already, or is under way, gets what comes of it.
    const key = JSON.stringify(change);
    let result = changes.get(key);
    if (result === undefined) {
      result = last.then(() => makeChange(server, state, change, reason))
        .finally(() => changes.delete(key));
      changes.set(key, result);
      last = result.catch(() => {});
    }
    return result;
  }, {
    validator(_request: ModelChangeRequest) {
      if (changes.size < waitingMax) return;
      throw new Error(`Cannot take another change: ${waitingMax} wait for ${server.provider}`);
    },
  });

  await condition(() =>
    allHandlersFinished() && (!state.isAsleep || workflowInfo().continueAsNewSuggested)
  );
  if (state.isAsleep) await continueAsNew<typeof manageModel>({ server, known: state });
}

async function makeChange(
  server: ModelServer,
  state: KnownServer,
  change: ModelChange,
  reason: string,
): Promise<ModelChangeResult> {
  try {
    switch (change.action) {
      case "sleep":
        return await sleep(server, state, change, reason);
      case "wake":
        return await wake(server, state, change.isAskedAgain ?? false, reason);
      case "load-adapter": {
        const { name, path } = change;
        const changed = await loadAdapter({ server, name, path, reason });
        return { outcome: "done", state: "awake", changed };
      }
      case "unload-adapter": {
        const changed = await unloadAdapter({ server, name: change.name, reason });
        return { outcome: "done", state: "unloaded", changed };
      }
    }
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const cause = error.cause;
    return cause instanceof ApplicationFailure && cause.nonRetryable
      ? { outcome: "not-done", problem: cause.type as ModelProblem, message: cause.message }
      : {
        outcome: "not-done",
        problem: "failed",
        message: `${server.provider}: ${cause?.message ?? error.message}`,
      };
  }
}

async function sleep(
  server: ModelServer,
  state: KnownServer,
  { level, onlyIfUnusedSince }: Extract<ModelChange, { action: "sleep" }>,
  reason: string,
): Promise<ModelChangeResult> {
  const { model, isAsleep } = await lookAtServer(server);
  if (isAsleep) {
    state.isAsleep = true;
    return { outcome: "done", state: "asleep", changed: false };
  }
  const onlyIfUnused = onlyIfUnusedSince !== undefined;
  if (onlyIfUnused && (await readUse(server)).mark !== onlyIfUnusedSince) {
    const message = `${server.provider} was used meanwhile`;
    return { outcome: "not-done", problem: "in-use", message };
  }
  state.canary = await askCanary({ server, model });
  const startMs = Date.now();
  await sleepServer({ server, level, onlyIfUnused });
  state.isAsleep = true;
  state.failedWake = null;
  const durationMs = Date.now() - startMs;
  await stateChange({ server, model, from: "awake", to: "asleep", reason, durationMs });
  return { outcome: "done", state: "asleep", changed: true };
}

async function wake(
  server: ModelServer,
  state: KnownServer,
  isAskedAgain: boolean,
  reason: string,
): Promise<ModelChangeResult> {
  const { failedWake } = state;
  if (!isAskedAgain && failedWake !== null && Date.now() - failedWake.atMs < failedWakeMs) {
    return { outcome: "not-done", problem: "failed", message: failedWake.message };
  }
  const found = await lookAtServer(server);
  if (!found.isAsleep) {
    Object.assign(state, { isAsleep: false, canary: null, failedWake: null });
    return { outcome: "done", state: "awake", changed: false };
  }
  const { model } = found;
  const from = failedWake === null ? "asleep" : "failed";
  const startMs = Date.now();
  await stateChange({ server, model, from, to: "loading", reason, durationMs: null });
  const fault = await wakeAndCheck(server, found, state.canary);
  const durationMs = Date.now() - startMs;
  if (fault === null) {
    Object.assign(state, { isAsleep: false, canary: null, failedWake: null });
    await stateChange({ server, model, from: "loading", to: "awake", reason, durationMs });
    return { outcome: "done", state: "awake", changed: true };
  }
  const message = `${server.provider} could not be woken up: ${fault}`;
  await stateChange({ server, model, from: "loading", to: "failed", reason: message, durationMs });
  state.isAsleep = true;
  state.failedWake = { atMs: Date.now(), message };
  // Awake it would answer the next call with nonsense. From level 2 it comes back with weights that are read anew.
  await faultOf(() => sleepServer({ server, level: 2, onlyIfUnused: false }));
  return { outcome: "not-done", problem: "failed", message };
}

/** @returns What is wrong with the server, as a sentence; null where it is awake and itself. */
async function wakeAndCheck(
  server: ModelServer,
  { model, level }: FoundServer,
  expected: string | null,
): Promise<string | null> {
  const check = () => checkCanary({ server, model, expected });
  const wakeFault = await faultOf(() => wakeServer({ server, level: level ?? 1 }));
  // What the model writes tells more than what the server says of it, where there is something to compare.
  if (wakeFault !== null && expected === null) return wakeFault;
  const fault = await faultOf(check);
  if (fault === null) return null;
  const reloadFault = await faultOf(() => reloadWeights(server));
  if (reloadFault !== null) return `${fault}, and it cannot read its weights again: ${reloadFault}`;
  return await faultOf(check);
}

/** @returns What the work found, or why it could not be done, as a sentence. */
async function faultOf(work: () => Promise<string | null | void>): Promise<string | null> {
  try {
    return await work() ?? null;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return error.cause?.message ?? error.message;
  }
}
