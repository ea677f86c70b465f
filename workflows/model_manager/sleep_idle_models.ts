/**
 * The workflow `sleepIdleModels`: puts servers to sleep that nobody has used for a while. One workflow with one timer for
 * all of them; the api tells it the policies of `turnlog.yaml`. What counts as use is what the server itself has counted,
 * so that calls by others than Turnlog count too, and a wake is use, by its canary.
 */
import {
  ActivityFailure,
  condition,
  continueAsNew,
  defineSignal,
  log,
  proxyActivities,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import type { SleepPolicy } from "../../events/contract/model_change.ts";
import { sleepPoliciesSignal } from "../../events/contract/names.ts";
import type { ModelActivities } from "./model_activities.ts";

const setSleepPolicies = defineSignal<[SleepPolicy[]]>(sleepPoliciesSignal);

const { readUse, requestChange } = proxyActivities<ModelActivities>({
  startToCloseTimeout: "20m",
  heartbeatTimeout: "3s",
  retry: { initialInterval: "100ms", maximumInterval: "5s", maximumAttempts: 5 },
});

/** How long the workflow sleeps between two looks, at least and at most. */
const lookMsMin = 500;
const lookMsMax = 60_000;

/** By the server's address: since when its use has been the same. */
type Idle = Record<string, { mark: string; sinceMs: number }>;

export async function sleepIdleModels(initial: SleepPolicy[], known: Idle = {}): Promise<void> {
  let policies = initial;
  let isNew = false;
  setHandler(setSleepPolicies, (current) => {
    policies = current;
    isNew = true;
  });
  const idle: Idle = { ...known };
  while (policies.length > 0) {
    isNew = false;
    const waits = await Promise.all(policies.map((policy) => sleepWhereIdle(policy, idle)));
    const waitMs = Math.min(Math.max(Math.min(...waits), lookMsMin), lookMsMax);
    await condition(() => isNew, waitMs);
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof sleepIdleModels>(policies, idle);
    }
  }
}

/** @returns After how long to look again. */
async function sleepWhereIdle(
  { server, afterIdleMs, level }: SleepPolicy,
  idle: Idle,
): Promise<number> {
  // A server that sleeps, or says nothing, may be in use a moment later.
  const laterMs = Math.min(afterIdleMs, lookMsMax);
  try {
    const { isAsleep, inFlight, mark } = await readUse(server);
    if (isAsleep) {
      delete idle[server.baseUrl];
      return laterMs;
    }
    const nowMs = Date.now();
    const before = idle[server.baseUrl];
    if (inFlight > 0 || before?.mark !== mark) {
      idle[server.baseUrl] = { mark, sinceMs: nowMs };
      return afterIdleMs;
    }
    const restMs = before.sinceMs + afterIdleMs - nowMs;
    if (restMs > 0) return restMs;
    const result = await requestChange({
      server,
      request: {
        change: { action: "sleep", level, onlyIfUnusedSince: mark },
        reason: `nobody used it for ${Math.round((nowMs - before.sinceMs) / 1000)} s`,
      },
    });
    if (result.outcome === "not-done") log.info("Left a server awake", { ...result });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn("Could not tell whether a server is used", {
      provider: server.provider,
      reason: error.cause?.message,
    });
  }
  return laterMs;
}
