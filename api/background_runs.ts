/** Workflows of one type that go on in the background, whoever has asked for them: started once each, listed, read and cancelled. */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
  WorkflowNotFoundError,
  type WorkflowStartOptions,
} from "@temporalio/client";
import { createHash } from "node:crypto";
import { progressQuery, taskQueue } from "../events/contract/names.ts";
import { askTemporal } from "./ask_temporal.ts";
import { ProblemError, type ProblemKind } from "./problem.ts";

/** How long a request waits for a worker to tell how far a run is; then what it told last is good enough. */
const progressTimeoutMs = 2000;
/** The most runs that are listed. */
const listedMax = 100;
/** The last of Temporal's five: where tasks queue up, users' turns go first. */
const priorityKey = 5;

export interface BackgroundRunsOptions {
  client: Client;
  workflowType: string;
  /** @returns The id of the workflow of the run with this id. */
  workflowIdOf: (id: string) => string;
  /** What a run is called in messages. */
  noun: string;
  /** The problem of a second run of the same id with another request. */
  conflict: ProblemKind;
}

export type RunInfo = Omit<WorkflowExecutionInfo, "raw">;

export class BackgroundRuns {
  readonly #client: Client;
  readonly #options: Omit<BackgroundRunsOptions, "client">;

  constructor({ client, ...options }: BackgroundRunsOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * @param request What was asked for: the same again is the same run.
   * @returns Whether the run is new.
   * @throws ProblemError where the id belongs to another request, or Temporal does not answer.
   */
  async start(
    id: string,
    { request, plan, memo, ...options }: {
      request: unknown;
      /** The workflow's input. */
      plan: unknown;
      memo: Record<string, unknown>;
    } & Pick<WorkflowStartOptions, "typedSearchAttributes">,
  ): Promise<boolean> {
    const { workflowType, workflowIdOf, noun, conflict } = this.#options;
    const requestHash = createHash("sha256").update(JSON.stringify(request)).digest("hex");
    try {
      await this.#withTemporal(() =>
        this.#client.workflow.start(workflowType, {
          ...options,
          workflowId: workflowIdOf(id),
          taskQueue,
          workflowIdReusePolicy: "REJECT_DUPLICATE",
          args: [plan],
          memo: { ...memo, requestHash },
          priority: { priorityKey },
        })
      );
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const { memo } = await this.describe(id);
      if (memo?.requestHash === requestHash) return false;
      throw new ProblemError(
        conflict,
        `There is another ${noun} ${id}, started by another request. Give each one an id of its own`,
      );
    }
  }

  /** Those that Temporal still keeps, the newest first. */
  list(): Promise<RunInfo[]> {
    return this.#withTemporal(async () => {
      const runs: RunInfo[] = [];
      const query =
        `WorkflowType = "${this.#options.workflowType}" AND ExecutionStatus != "ContinuedAsNew"`;
      for await (const run of this.#client.workflow.list({ query })) {
        runs.push(run);
        if (runs.length >= listedMax) break;
      }
      return runs;
    });
  }

  /** @throws ProblemError where there is none, or Temporal does not answer. */
  async describe(id: string): Promise<WorkflowExecutionDescription> {
    try {
      return await this.#withTemporal(() => this.#handle(id).describe());
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new ProblemError("not-found", `There is no ${this.#options.noun} ${id}`);
    }
  }

  /** @returns How far the run is, null where no worker tells it in time. */
  async askProgress<Progress>(id: string): Promise<Progress | null> {
    try {
      return await this.#client.withDeadline(
        Date.now() + progressTimeoutMs,
        () => this.#handle(id).query<Progress>(progressQuery),
      );
    } catch {
      return null;
    }
  }

  /**
   * A run that has ended stays as it is.
   *
   * @throws ProblemError where there is none, or Temporal does not answer.
   */
  async cancel(id: string): Promise<void> {
    await this.describe(id);
    try {
      await this.#withTemporal(() => this.#handle(id).cancel());
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  #handle(id: string) {
    return this.#client.workflow.getHandle(this.#options.workflowIdOf(id));
  }

  #withTemporal<Result>(call: () => Promise<Result>): Promise<Result> {
    const wayOut = "Nothing is lost: send the same request with the same id again";
    return askTemporal(this.#client, wayOut, call);
  }
}

export function statusOf(
  { status }: Pick<RunInfo, "status">,
): "running" | "completed" | "stopped" | "failed" {
  switch (status.name) {
    case "RUNNING":
    case "PAUSED":
    case "CONTINUED_AS_NEW":
      return "running";
    case "COMPLETED":
      return "completed";
    case "CANCELLED":
      return "stopped";
    default:
      return "failed";
  }
}
