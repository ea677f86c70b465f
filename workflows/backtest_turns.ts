/** The turns that a run of the workflow `backtest` has under way, and the count of how they ended. It runs inside the workflow. */
import {
  ChildWorkflowFailure,
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from "@temporalio/common";
import {
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  log,
  ParentClosePolicy,
  proxyLocalActivities,
  startChild,
  upsertMemo,
} from "@temporalio/workflow";
import type {
  BacktestOutcome,
  BacktestPlan,
  BacktestProgress,
} from "../events/contract/backtest.ts";
import type { EventOf } from "../events/contract/event.ts";
import { stopSignal, turnWorkflowId, turnWorkflowType } from "../events/contract/names.ts";
import type { TurnPlan } from "../events/contract/turn_plan.ts";
import type { BacktestActivities } from "./backtest_activities.ts";

type AnswerTurn = (plan: TurnPlan) => Promise<{ outcome: "completed" | "stopped" }>;

/** Tried again for as long as the store is away. */
const { beginBacktestTurn } = proxyLocalActivities<BacktestActivities>({
  startToCloseTimeout: "10s",
  retry: { initialInterval: "100ms", maximumInterval: "10s" },
});

/** How often the run's memo follows the progress: it is what is told of a backtest while no worker is up. */
const memoEveryMs = 5000;

export class BacktestTurns {
  readonly #plan: BacktestPlan;
  readonly #progress: BacktestProgress;
  readonly #handles = new Set<ChildWorkflowHandle<AnswerTurn>>();
  #running = 0;
  #isStopping = false;
  #toldMs = Date.now();

  /** @param progress Is kept up to date. */
  constructor(plan: BacktestPlan, progress: BacktestProgress) {
    this.#plan = plan;
    this.#progress = progress;
  }

  /** How many are under way. */
  get running(): number {
    return this.#running;
  }

  /** Begins to answer a user's turn again; whatever becomes of it is counted. */
  start(turnId: string): void {
    this.#running++;
    this.#progress.started++;
    CancellationScope.nonCancellable(() => this.#answer(turnId)).then(
      (outcome) => {
        this.#progress[outcome]++;
        if (outcome === "skipped") this.#progress.started--;
      },
      (error) => {
        log.error("A turn of the backtest could not be carried out", { turnId, error });
        this.#progress.failed++;
      },
    ).finally(() => {
      this.#running--;
      this.#tell();
    });
  }

  /** Stops those that are under way, as their users would; resolves when they have ended. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#handles].map(stop));
    await condition(() => this.#running === 0);
  }

  async #answer(turnId: string): Promise<BacktestOutcome> {
    const { id: backtestId, turn: { route } } = this.#plan;
    const begun = await beginBacktestTurn({ backtestId, turnId, route });
    if (begun.type === "ended") return begun.outcome;
    const handle = await this.#startWorkflow(begun.message);
    if (handle === null) return "skipped";
    this.#handles.add(handle);
    try {
      if (this.#isStopping) await stop(handle);
      return (await handle.result()).outcome;
    } catch (error) {
      if (error instanceof ChildWorkflowFailure) return "failed";
      throw error;
    } finally {
      this.#handles.delete(handle);
    }
  }

  /** @returns Null where an earlier run of this backtest has started it, and cannot be asked how it ends. */
  async #startWorkflow(
    message: EventOf<"message.sent">,
  ): Promise<ChildWorkflowHandle<AnswerTurn> | null> {
    const { conversationId, tenant, userKey } = message;
    const turnId = message.turnId!;
    const plan: TurnPlan = {
      ...this.#plan.turn,
      turnId,
      conversationId,
      tenant,
      userKey,
      message,
    };
    const [first] = plan.candidates;
    try {
      return await startChild<AnswerTurn>(turnWorkflowType, {
        workflowId: turnWorkflowId(turnId),
        workflowIdReusePolicy: "REJECT_DUPLICATE",
        // An operator who terminates the backtest does not tear its last answers apart.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        args: [plan],
        typedSearchAttributes: [
          keyword("ConversationId", conversationId),
          keyword("TurnId", turnId),
          keyword("Model", first.model),
          keyword("Provider", first.provider),
          keyword("Backtest", this.#plan.id),
        ],
      });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
      throw error;
    }
  }

  #tell(): void {
    if (Date.now() - this.#toldMs < memoEveryMs) return;
    this.#toldMs = Date.now();
    upsertMemo({ progress: this.#progress });
  }
}

async function stop(handle: ChildWorkflowHandle<AnswerTurn>): Promise<void> {
  try {
    await handle.signal<[{ seenLength?: number }]>(stopSignal, {});
  } catch (error) {
    log.info("A turn had ended before it could be stopped", { turn: handle.workflowId, error });
  }
}

function keyword(name: string, value: string) {
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value };
}
