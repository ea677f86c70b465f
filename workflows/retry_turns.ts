/**
 * The workflow `retryTurns`: retries all failed turns that have something in common, a few a second. It goes on whatever
 * dies meanwhile, and each turn is reset once.
 */
import {
  ActivityFailure,
  defineQuery,
  isCancellation,
  log,
  proxyActivities,
  setHandler,
  sleep,
} from "@temporalio/workflow";
import { progressQuery } from "../events/contract/names.ts";
import {
  retriedTurnsPerSecond,
  type RetryPlan,
  type RetryProgress,
} from "../events/contract/operations.ts";
import type { OperationActivities } from "./operation_activities.ts";

const retryProgress = defineQuery<RetryProgress>(progressQuery);

/** After so many failures of one turn's reset the others go on without it. */
const executionsMax = 10;

const { findFailedTurns, retryTurn } = proxyActivities<OperationActivities>({
  startToCloseTimeout: "30s",
  retry: { initialInterval: "200ms", maximumInterval: "10s", maximumAttempts: executionsMax },
});

export async function retryTurns(plan: RetryPlan): Promise<RetryProgress> {
  const progress: RetryProgress = { found: null, retried: 0, skipped: 0 };
  setHandler(retryProgress, () => progress);
  const turnIds = await findFailedTurns(plan.request);
  progress.found = turnIds.length;
  for (let at = 0; at < turnIds.length; at += retriedTurnsPerSecond) {
    if (at > 0) await sleep("1s");
    const some = turnIds.slice(at, at + retriedTurnsPerSecond);
    await Promise.all(some.map(async (turnId) => {
      if (await isRetried(plan, turnId)) progress.retried++;
      else progress.skipped++;
    }));
  }
  return progress;
}

async function isRetried({ id, operator }: RetryPlan, turnId: string): Promise<boolean> {
  try {
    return await retryTurn({ turnId, retryId: id, operator });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    log.error("A turn could not be retried; the others go on", { turnId, error });
    return false;
  }
}
