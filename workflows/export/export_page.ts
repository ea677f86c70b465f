/** One page of an export: some conversations are read, and what may be exported of them is written into a part. */
import { setImmediate } from "node:timers/promises";
import type { ExportPlan, ExportProgress, ExportSelection } from "../../events/contract/export.ts";
import type {
  AllConversationsFilter,
  AnyConversation,
  EventStore,
} from "../../events/store/event_store.ts";
import { exportedConversation, isSelected } from "./exported_conversation.ts";
import { linesFor } from "./export_files.ts";
import { fineTuningExamples } from "./fine_tuning_examples.ts";
import { PartWriter } from "./part_files.ts";

/** A page ends after so many conversations, or with the one with which it comes to so many characters: then it is kept. */
export const pageLimits = { conversations: 500, length: 32 * 1024 * 1024 };

export type PageCounts = Pick<
  ExportProgress,
  "read" | "conversations" | "turns" | "withoutConsent"
>;

export interface PageInput {
  store: Pick<EventStore, "allConversations" | "conversationTurns">;
  folder: string;
  plan: ExportPlan;
  /** From the page before; absent for the first one. */
  cursor?: string;
  /** The name of the part that is written. */
  part: string;
  signal: AbortSignal;
}

export async function exportPage(
  { store, folder, plan, cursor, part, signal }: PageInput,
  limits: typeof pageLimits = pageLimits,
): Promise<{ nextCursor: string | null; counts: PageCounts }> {
  const page = await store.allConversations({
    ...filterOf(plan.selection),
    cursor,
    limit: limits.conversations,
  });
  const counts = noCounts();
  await using writer = await PartWriter.open(folder, part, linesFor(plan.formats));
  for (const conversation of page.items) {
    // SQLite answers at once: without this, users' answers would wait for the whole page.
    await setImmediate();
    signal.throwIfAborted();
    await exportConversation(conversation, plan, { store, writer, counts });
    counts.read++;
    if (writer.length >= limits.length) break;
  }
  await writer.finish();
  const isWhole = counts.read === page.items.length;
  return { nextCursor: isWhole ? page.nextCursor : page.items[counts.read - 1].cursor, counts };
}

/** What the store can leave out by itself: a conversation in which nothing was sent since. */
export function filterOf({ from, tenant, userKey }: ExportSelection): AllConversationsFilter {
  return { updatedFrom: from, tenant, userKey };
}

async function exportConversation(
  { conversation, hasConsent }: AnyConversation,
  { selection, formats }: ExportPlan,
  { store, writer, counts }: {
    store: PageInput["store"];
    writer: PartWriter;
    counts: PageCounts;
  },
): Promise<void> {
  const turns = await store.conversationTurns(conversation.conversationId);
  const selected = turns.filter((turn) => isSelected(turn, selection));
  if (selected.length === 0) return;
  const counted = hasConsent ? counts : counts.withoutConsent;
  counted.conversations++;
  counted.turns += selected.length;
  if (!hasConsent) return;
  if (linesFor(formats).includes("jsonl")) {
    await writer.write("jsonl", exportedConversation(conversation, selected));
  }
  if (!formats.includes("fine-tuning")) return;
  const learned = new Set(selected);
  for (const example of fineTuningExamples(turns, (turn) => learned.has(turn))) {
    await writer.write("fine-tuning", example);
  }
}

function noCounts(): PageCounts {
  return {
    read: 0,
    conversations: 0,
    turns: 0,
    withoutConsent: { conversations: 0, turns: 0 },
  };
}
