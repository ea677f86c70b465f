/**
 * The activities of `exportConversations`. Each may be executed again; what an execution wrote that the workflow was not
 * told of is never part of an export.
 */
import { Context } from "@temporalio/activity";
import { createSystemEvent } from "../../events/contract/event.ts";
import type { ExportPlan, ExportProgress } from "../../events/contract/export.ts";
import type { ExportFile } from "../../events/contract/export_files.ts";
import { exportFolder } from "../../events/export_folder.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { heartbeatUntilDisposed } from "../heartbeat.ts";
import { activityEventId, eventSource } from "../turn_events.ts";
import { writeExportFile } from "./export_files.ts";
import { exportPage, filterOf, type PageCounts } from "./export_page.ts";
import { removeParts } from "./part_files.ts";

export interface PageInput {
  plan: ExportPlan;
  /** From the page before; absent for the first one. */
  cursor?: string;
  /** Its number, from 0. */
  page: number;
}

export interface PageResult {
  /** The name of the part that it wrote. */
  part: string;
  nextCursor: string | null;
  counts: PageCounts;
}

export interface FinishInput {
  plan: ExportPlan;
  /** In their order. */
  parts: string[];
  progress: ExportProgress;
  expiresAt: string;
}

export type ExportActivities = ReturnType<typeof createExportActivities>;

export function createExportActivities(
  { store, dataFolder }: { store: EventStore; dataFolder: string },
) {
  const folderOf = ({ id }: ExportPlan) => exportFolder(dataFolder, id);

  return {
    /** @returns How many conversations are to be read. */
    async beginExport(plan: ExportPlan): Promise<number> {
      // What people wrote is for nobody else on this machine.
      await Deno.mkdir(folderOf(plan), { recursive: true, mode: 0o700 });
      return await store.countAllConversations(filterOf(plan.selection));
    },

    async exportPage({ plan, cursor, page }: PageInput): Promise<PageResult> {
      const { info, cancellationSignal: signal } = Context.current();
      using _ = heartbeatUntilDisposed(Context.current(), () => null);
      // Executions write files of their own: one that was given up may still write.
      const part = `${String(page).padStart(6, "0")}.${info.attempt}`;
      const folder = folderOf(plan);
      return { part, ...await exportPage({ store, folder, plan, cursor, part, signal }) };
    },

    /** Makes the files of the parts, and states that they are there. */
    async finishExport({ plan, parts, progress, expiresAt }: FinishInput): Promise<ExportFile[]> {
      const { info: { attempt: execution }, cancellationSignal: signal } = Context.current();
      using _ = heartbeatUntilDisposed(Context.current(), () => null);
      const folder = folderOf(plan);
      const files: ExportFile[] = [];
      for (const format of plan.formats) {
        files.push(await writeExportFile({ folder, format, parts, execution, signal }));
      }
      const { conversations, turns, withoutConsent } = progress;
      await store.append([createSystemEvent({
        id: activityEventId("created"),
        source: eventSource,
        type: "export.created",
        subject: `export/${plan.id}`,
        data: { files, conversations, turns, withoutConsent, expiresAt },
      })]);
      return files;
    },

    removeExportParts: (plan: ExportPlan): Promise<void> => removeParts(folderOf(plan)),

    async removeExport(plan: ExportPlan): Promise<void> {
      try {
        await Deno.remove(folderOf(plan), { recursive: true });
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    },
  };
}
