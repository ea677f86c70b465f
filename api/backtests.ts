/** Starts, reads and stops backtests. Each is a workflow, which goes on whoever has asked for it. */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { createHash } from "node:crypto";
import type { BacktestPlan, BacktestProgress, BacktestView } from "../events/contract/backtest.ts";
import {
  backtestWorkflowId,
  backtestWorkflowType,
  progressQuery,
  taskQueue,
} from "../events/contract/names.ts";
import { askTemporal } from "./ask_temporal.ts";
import { planBacktest } from "./backtest_plan.ts";
import type { NewBacktest } from "./backtest_schemas.ts";
import type { Catalogue } from "./catalogue.ts";
import { ProblemError } from "./problem.ts";

/** How long a request waits for a worker to tell how far a backtest is; then what it told last is good enough. */
const progressTimeoutMs = 2000;
/** The most backtests that are listed. */
const listedMax = 100;
/** The last of Temporal's five: where tasks queue up, users' turns go first. */
const priorityKey = 5;

const unknownProgress: BacktestProgress = {
  selected: null,
  started: 0,
  completed: 0,
  stopped: 0,
  failed: 0,
  skipped: 0,
};

/** What a run's memo tells of it, also while no worker is up and after its end. */
interface BacktestMemo {
  requestHash: string;
  backtest: Pick<BacktestView, "model" | "hasSystemPrompt" | "selection" | "rate">;
  /** Kept up to date by the workflow. */
  progress?: BacktestProgress;
}

export class Backtests {
  readonly #client: Client;
  readonly #catalogue: Catalogue;

  constructor({ client, catalogue }: { client: Client; catalogue: Catalogue }) {
    this.#client = client;
    this.#catalogue = catalogue;
  }

  /**
   * @returns The backtest, and whether it is new; not so where the same request has started it before.
   * @throws ProblemError where the id belongs to another request, or Temporal does not answer.
   * @throws PlanError where nobody can answer.
   */
  async start(
    request: NewBacktest & { id: string },
  ): Promise<{ view: BacktestView; isNew: boolean }> {
    const { id } = request;
    const plan = planBacktest(id, request, this.#catalogue.plan(request.model));
    const requestHash = createHash("sha256").update(JSON.stringify(request)).digest("hex");
    const isNew = await this.#startWorkflow(plan, requestHash);
    return { view: await this.read(id), isNew };
  }

  /** Those that Temporal still keeps, the newest first. */
  list(): Promise<BacktestView[]> {
    return this.#withTemporal(async () => {
      const views: BacktestView[] = [];
      const query =
        `WorkflowType = "${backtestWorkflowType}" AND ExecutionStatus != "ContinuedAsNew"`;
      for await (const run of this.#client.workflow.list({ query })) {
        views.push(viewOf(run));
        if (views.length >= listedMax) break;
      }
      return views;
    });
  }

  /** @throws ProblemError where there is none, or Temporal does not answer. */
  async read(id: string): Promise<BacktestView> {
    const run = await this.#describe(id);
    const view = viewOf(run);
    if (view.status !== "running") return view;
    return { ...view, progress: await this.#askProgress(id) ?? view.progress };
  }

  /**
   * Stops what is under way and starts no others; one that has ended stays as it is.
   *
   * @throws ProblemError where there is none, or Temporal does not answer.
   */
  async stop(id: string): Promise<void> {
    await this.#describe(id);
    try {
      await this.#withTemporal(() => this.#handle(id).cancel());
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  async #startWorkflow(plan: BacktestPlan, requestHash: string): Promise<boolean> {
    const { id, selection, rate, turn } = plan;
    const hasSystemPrompt = turn.systemPrompt !== undefined;
    const backtest = { model: turn.route, hasSystemPrompt, selection, rate };
    try {
      await this.#withTemporal(() =>
        this.#client.workflow.start(backtestWorkflowType, {
          workflowId: backtestWorkflowId(id),
          taskQueue,
          workflowIdReusePolicy: "REJECT_DUPLICATE",
          args: [plan],
          memo: { requestHash, backtest } satisfies BacktestMemo,
          typedSearchAttributes: [{
            key: defineSearchAttributeKey("Backtest", SearchAttributeType.KEYWORD),
            value: id,
          }],
          priority: { priorityKey },
        })
      );
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const { memo } = await this.#describe(id);
      if (memo?.requestHash === requestHash) return false;
      throw new ProblemError(
        "backtest-conflict",
        `Backtest ${id} was started by another request. Give each one an id of its own`,
      );
    }
  }

  async #describe(id: string): Promise<WorkflowExecutionDescription> {
    try {
      return await this.#withTemporal(() => this.#handle(id).describe());
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new ProblemError("not-found", `There is no backtest ${id}`);
    }
  }

  /** @returns Null where no worker tells it in time. */
  async #askProgress(id: string): Promise<BacktestProgress | null> {
    try {
      return await this.#client.withDeadline(
        Date.now() + progressTimeoutMs,
        () => this.#handle(id).query<BacktestProgress>(progressQuery),
      );
    } catch {
      return null;
    }
  }

  #handle(id: string) {
    return this.#client.workflow.getHandle(backtestWorkflowId(id));
  }

  #withTemporal<Result>(call: () => Promise<Result>): Promise<Result> {
    const wayOut = "Nothing is lost: send the same request with the same id again";
    return askTemporal(this.#client, wayOut, call);
  }
}

function viewOf(
  { workflowId, status, startTime, closeTime, memo }: Omit<WorkflowExecutionInfo, "raw">,
) {
  const { backtest, progress = unknownProgress } = memo as unknown as BacktestMemo;
  return {
    id: workflowId.slice(backtestWorkflowId("").length),
    status: statusOf(status.name),
    workflowId,
    startedAt: startTime.toISOString(),
    endedAt: closeTime?.toISOString() ?? null,
    ...backtest,
    progress,
  } satisfies BacktestView;
}

function statusOf(status: WorkflowExecutionInfo["status"]["name"]): BacktestView["status"] {
  switch (status) {
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
