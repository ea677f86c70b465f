/** Starts, reads and stops exports, and opens their files. Each is a workflow, which goes on whoever has asked for it. */
import type { Client } from "@temporalio/client";
import type { ExportPlan, ExportProgress, ExportView } from "../events/contract/export.ts";
import { exportWorkflowId, exportWorkflowType } from "../events/contract/names.ts";
import { exportFolder } from "../events/export_folder.ts";
import { BackgroundRuns, type RunInfo, statusOf } from "./background_runs.ts";
import { planExport } from "./export_plan.ts";
import type { NewExport } from "./export_schemas.ts";
import { ProblemError } from "./problem.ts";

const unknownProgress: ExportProgress = {
  toRead: null,
  read: 0,
  conversations: 0,
  turns: 0,
  withoutConsent: { conversations: 0, turns: 0 },
  files: [],
  expiresAt: null,
};

/** What a run's memo tells of it, also while no worker is up and after its end. */
interface ExportMemo {
  export: Pick<ExportPlan, "formats" | "selection">;
  /** Kept up to date by the workflow. */
  progress?: ExportProgress;
}

export class Exports {
  readonly #runs: BackgroundRuns;
  readonly #dataFolder: string;

  constructor({ client, dataFolder }: { client: Client; dataFolder: string }) {
    this.#runs = new BackgroundRuns({
      client,
      workflowType: exportWorkflowType,
      workflowIdOf: exportWorkflowId,
      noun: "export",
      conflict: "export-conflict",
    });
    this.#dataFolder = dataFolder;
  }

  /**
   * @returns The export, and whether it is new; not so where the same request has started it before.
   * @throws ProblemError where the id belongs to another request, or Temporal does not answer.
   */
  async start(
    request: NewExport & { id: string },
  ): Promise<{ view: ExportView; isNew: boolean }> {
    const { id } = request;
    const plan = planExport(id, request);
    const { formats, selection } = plan;
    const memo = { export: { formats, selection } } satisfies ExportMemo;
    const isNew = await this.#runs.start(id, { request, plan, memo });
    return { view: await this.read(id), isNew };
  }

  /** Those that Temporal still keeps, the newest first. */
  async list(): Promise<ExportView[]> {
    return (await this.#runs.list()).map(viewOf);
  }

  /** @throws ProblemError where there is none, or Temporal does not answer. */
  async read(id: string): Promise<ExportView> {
    const view = viewOf(await this.#runs.describe(id));
    if (view.status !== "running") return view;
    const progress = await this.#runs.askProgress<ExportProgress>(id) ?? view.progress;
    return { ...view, progress, status: isReady(progress) ? "ready" : "running" };
  }

  /**
   * Ends what is under way, and removes the files.
   *
   * @throws ProblemError where there is none, or Temporal does not answer.
   */
  async stop(id: string): Promise<void> {
    await this.#runs.cancel(id);
  }

  /** @throws ProblemError where the file is not there yet, or not any more. */
  async open(id: string, name: string): Promise<{ bytes: number; stream: ReadableStream }> {
    try {
      const file = await Deno.open(`${exportFolder(this.#dataFolder, id)}/${name}`);
      return { bytes: (await file.stat()).size, stream: file.readable };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new ProblemError(
        "not-found",
        `Export ${id} has no file ${name}: it is not written yet, was not asked for, or is removed`,
      );
    }
  }
}

function viewOf(run: RunInfo): ExportView {
  const { workflowId, startTime, closeTime, memo } = run;
  const { export: asked, progress = unknownProgress } = memo as unknown as ExportMemo;
  return {
    id: workflowId.slice(exportWorkflowId("").length),
    status: exportStatusOf(run, progress),
    workflowId,
    startedAt: startTime.toISOString(),
    endedAt: closeTime?.toISOString() ?? null,
    ...asked,
    progress,
  };
}

/** A run goes on for as long as its files are there. */
function exportStatusOf(run: RunInfo, progress: ExportProgress): ExportView["status"] {
  const status = statusOf(run);
  if (status === "completed") return "expired";
  return status === "running" && isReady(progress) ? "ready" : status;
}

function isReady({ files }: ExportProgress): boolean {
  return files.length > 0;
}
