/**
 * The workflow `backtest`: answers past turns again, each by a workflow `answerTurn` of its own, no faster than its plan
 * says. A turn that fails is counted and ends nothing. It must be deterministic, like `answerTurn`.
 */
import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  upsertMemo,
} from "@temporalio/workflow";
import type { BacktestPlan, BacktestProgress } from "../events/contract/backtest.ts";
import { progressQuery } from "../events/contract/names.ts";
import type { BacktestActivities } from "./backtest_activities.ts";
import { BacktestTurns } from "./backtest_turns.ts";

/** How far the backtest is. */
export const tellProgress = defineQuery<BacktestProgress>(progressQuery);

/** Tried again for as long as the store is away. */
const { countBacktestTurns, selectBacktestTurns } = proxyActivities<BacktestActivities>({
  startToCloseTimeout: "60s",
  retry: { initialInterval: "100ms", maximumInterval: "10s" },
});

/** After so many turns, about 1,500 events, the backtest goes on in a new run, so that no history grows long. */
const turnsPerRun = 100;

/** What one run hands to the next. */
export interface BacktestCheckpoint {
  progress: BacktestProgress;
  cursor: string | undefined;
  /** Before it no turn is started. */
  nextStartMs: number;
}

const beginning: BacktestCheckpoint = {
  progress: { selected: null, started: 0, completed: 0, stopped: 0, failed: 0, skipped: 0 },
  cursor: undefined,
  nextStartMs: 0,
};

/** Cancelling it stops the turns that are under way, as their users would, and starts no others. */
export async function backtest(
  plan: BacktestPlan,
  checkpoint: BacktestCheckpoint = beginning,
): Promise<BacktestProgress> {
  const { selection, rate } = plan;
  const progress = { ...checkpoint.progress };
  const turns = new BacktestTurns(plan, progress);
  let { cursor, nextStartMs } = checkpoint;
  setHandler(tellProgress, () => progress);
  try {
    progress.selected ??= await countBacktestTurns(selection);
    const limit = Math.min(turnsPerRun, selection.limit - progress.started - progress.skipped);
    const page = await selectBacktestTurns({ selection, cursor, limit });
    for (const turnId of page.turnIds) {
      await condition(() => turns.running < rate.concurrency);
      await sleepUntil(nextStartMs);
      nextStartMs = Date.now() + 60_000 / rate.turnsPerMinute;
      turns.start(turnId);
    }
    await condition(() => turns.running === 0);
    cursor = page.nextCursor ?? undefined;
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => turns.stopAll());
    throw error;
  } finally {
    upsertMemo({ progress });
  }
  if (cursor === undefined || progress.started + progress.skipped >= selection.limit) {
    return progress;
  }
  return await continueAsNew<typeof backtest>(plan, { progress, cursor, nextStartMs });
}

async function sleepUntil(ms: number): Promise<void> {
  const delayMs = ms - Date.now();
  if (delayMs > 0) await sleep(delayMs, { summary: "the rate of the backtest" });
}
