/**
 * The workflow `exportConversations`: reads the conversations of the store page by page, makes files of what may be
 * exported, and removes them when their time is over. It must be deterministic, like `answerTurn`.
 */
import {
  ActivityCancellationType,
  CancellationScope,
  continueAsNew,
  defineQuery,
  proxyActivities,
  setHandler,
  sleep,
  upsertMemo,
} from "@temporalio/workflow";
import type { ExportPlan, ExportProgress } from "../events/contract/export.ts";
import { progressQuery } from "../events/contract/names.ts";
import type { ExportActivities } from "./export/export_activities.ts";
import type { PageCounts } from "./export/export_page.ts";

/** How far the export is. */
const tellProgress = defineQuery<ExportProgress>(progressQuery);

/** Tried again for as long as the store or the disk is not there. A worker that has died is noticed by its heartbeat. */
const retry = { initialInterval: "200ms", maximumInterval: "30s" } as const;
const { exportPage, finishExport } = proxyActivities<ExportActivities>({
  startToCloseTimeout: "1h",
  heartbeatTimeout: "10s",
  // Whoever removes the files must be the last one.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry,
});
const { beginExport, removeExportParts, removeExport } = proxyActivities<ExportActivities>({
  startToCloseTimeout: "60s",
  retry,
});

/** After so many pages, about 1,500 events, the export goes on in a new run, so that no history grows long. */
const pagesPerRun = 250;

/** What one run hands to the next. */
export interface ExportCheckpoint {
  progress: ExportProgress;
  cursor: string | undefined;
  /** The parts that are written. */
  parts: string[];
}

const beginning: ExportCheckpoint = {
  progress: {
    toRead: null,
    read: 0,
    conversations: 0,
    turns: 0,
    withoutConsent: { conversations: 0, turns: 0 },
    files: [],
    expiresAt: null,
  },
  cursor: undefined,
  parts: [],
};

/** Cancelling it ends it, and removes the files that are there already. */
export async function exportConversations(
  plan: ExportPlan,
  checkpoint: ExportCheckpoint = beginning,
): Promise<ExportProgress> {
  const progress = { ...checkpoint.progress };
  let { cursor } = checkpoint;
  const parts = [...checkpoint.parts];
  setHandler(tellProgress, () => progress);
  try {
    progress.toRead ??= await beginExport(plan);
    for (let page = 0; page < pagesPerRun; page++) {
      const read = await exportPage({ plan, cursor, page: parts.length });
      parts.push(read.part);
      addCounts(progress, read.counts);
      upsertMemo({ progress });
      if (read.nextCursor === null) {
        await keepFiles(plan, parts, progress);
        return progress;
      }
      cursor = read.nextCursor;
    }
  } catch (error) {
    await CancellationScope.nonCancellable(() => removeExport(plan));
    progress.files = [];
    upsertMemo({ progress });
    throw error;
  }
  return await continueAsNew<typeof exportConversations>(plan, { progress, cursor, parts });
}

/** Makes the files, and removes them when their time is over. */
async function keepFiles(
  plan: ExportPlan,
  parts: string[],
  progress: ExportProgress,
): Promise<void> {
  const expiresAt = new Date(Date.now() + plan.keepMs).toISOString();
  progress.files = await finishExport({ plan, parts, progress, expiresAt });
  progress.expiresAt = expiresAt;
  upsertMemo({ progress });
  await removeExportParts(plan);
  await sleep(plan.keepMs, { summary: "the files are kept" });
  await removeExport(plan);
  progress.files = [];
  upsertMemo({ progress });
}

function addCounts(progress: ExportProgress, counts: PageCounts): void {
  progress.read += counts.read;
  progress.conversations += counts.conversations;
  progress.turns += counts.turns;
  progress.withoutConsent = {
    conversations: progress.withoutConsent.conversations + counts.withoutConsent.conversations,
    turns: progress.withoutConsent.turns + counts.withoutConsent.turns,
  };
}
