/** Starts, reads and stops backtests. Each is a workflow, which goes on whoever has asked for it. */
import type { Client } from "@temporalio/client";
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import type { BacktestProgress, BacktestView } from "../events/contract/backtest.ts";
import { backtestWorkflowId, backtestWorkflowType } from "../events/contract/names.ts";
import { BackgroundRuns, type RunInfo, statusOf } from "./background_runs.ts";
import { planBacktest } from "./backtest_plan.ts";
import type { NewBacktest } from "./backtest_schemas.ts";
import type { Catalogue } from "./catalogue.ts";

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
  backtest: Pick<BacktestView, "model" | "hasSystemPrompt" | "selection" | "rate">;
  /** Kept up to date by the workflow. */
  progress?: BacktestProgress;
}

export class Backtests {
  readonly #runs: BackgroundRuns;
  readonly #catalogue: Catalogue;

  constructor({ client, catalogue }: { client: Client; catalogue: Catalogue }) {
    this.#runs = new BackgroundRuns({
      client,
      workflowType: backtestWorkflowType,
      workflowIdOf: backtestWorkflowId,
      noun: "backtest",
      conflict: "backtest-conflict",
    });
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
    const { selection, rate, turn } = plan;
    const hasSystemPrompt = turn.systemPrompt !== undefined;
    const backtest = { model: turn.route, hasSystemPrompt, selection, rate };
    const key = defineSearchAttributeKey("Backtest", SearchAttributeType.KEYWORD);
    const isNew = await this.#runs.start(id, {
      request,
      plan,
      memo: { backtest } satisfies BacktestMemo,
      typedSearchAttributes: [{ key, value: id }],
    });
    return { view: await this.read(id), isNew };
  }

  /** Those that Temporal still keeps, the newest first. */
  async list(): Promise<BacktestView[]> {
    return (await this.#runs.list()).map(viewOf);
  }

  /** @throws ProblemError where there is none, or Temporal does not answer. */
  async read(id: string): Promise<BacktestView> {
    const view = viewOf(await this.#runs.describe(id));
    if (view.status !== "running") return view;
    return { ...view, progress: await this.#runs.askProgress(id) ?? view.progress };
  }

  /**
   * Stops what is under way and starts no others; one that has ended stays as it is.
   *
   * @throws ProblemError where there is none, or Temporal does not answer.
   */
  async stop(id: string): Promise<void> {
    await this.#runs.cancel(id);
  }
}

function viewOf(run: RunInfo): BacktestView {
  const { workflowId, startTime, closeTime, memo } = run;
  const { backtest, progress = unknownProgress } = memo as unknown as BacktestMemo;
  return {
    id: workflowId.slice(backtestWorkflowId("").length),
    status: statusOf(run),
    workflowId,
    startedAt: startTime.toISOString(),
    endedAt: closeTime?.toISOString() ?? null,
    ...backtest,
    progress,
  };
}
