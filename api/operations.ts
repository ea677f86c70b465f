/** What operators do to turns: retry and cancel one, and retry all that failed for one reason. Each act is stated first. */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { createHash } from "node:crypto";
import { isEnded, type TurnState } from "../events/contract/conversation.ts";
import { createSystemEvent, type SystemEventData } from "../events/contract/event.ts";
import {
  progressQuery,
  retryWorkflowId,
  retryWorkflowType,
  taskQueue,
  turnWorkflowId,
} from "../events/contract/names.ts";
import type {
  OperationTurnDetail,
  RetryPlan,
  RetryProgress,
  RetryRequest,
  RetryView,
} from "../events/contract/operations.ts";
import { newEventId, stepEventId } from "../events/event_id.ts";
import { loggerOf } from "../events/logging.ts";
import { lastRun, type ResetResult, resetTurn } from "../events/reset_turn.ts";
import { sleep } from "../events/sleep.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { askTemporal } from "./ask_temporal.ts";
import { viewOperationAttempt, viewOperationTurn } from "./operation_views.ts";
import { ProblemError } from "./problem.ts";
import type { Operator } from "./router.ts";
import type { TemporalLinks } from "./temporal_links.ts";
import type { TurnRequests } from "./turn_requests.ts";

const log = loggerOf("api", "operations");

/** How long the progress of a retry is waited for: it comes from a worker, and there may be none. */
const progressMs = 3000;
/** How long a run may go on after its turn has failed: it sees to it that the end is told. */
const endingMs = 3000;
const endingPollMs = 100;

export interface OperationsOptions {
  client: Client;
  store: EventStore;
  turns: TurnRequests;
  links: TemporalLinks;
}

export class Operations {
  readonly links: TemporalLinks;
  readonly #client: Client;
  readonly #store: EventStore;
  readonly #turns: TurnRequests;

  constructor({ client, store, turns, links }: OperationsOptions) {
    this.#client = client;
    this.#store = store;
    this.#turns = turns;
    this.links = links;
  }

  /** @throws ProblemError where there is no such turn. */
  async describeTurn(turnId: string): Promise<OperationTurnDetail> {
    const turn = await this.#findTurn(turnId);
    const run = await this.#ask(() => lastRun(this.#client, turnWorkflowId(turnId)));
    return {
      ...viewOperationTurn(turn, this.links),
      tries: turn.attempts.map(viewOperationAttempt),
      run: run && { runId: run.runId, status: run.statusName },
      temporalUrl: this.links.run(turnWorkflowId(turnId), run?.runId),
    };
  }

  /**
   * Answers a failed turn once more, in its own conversation.
   *
   * @returns The run that answers it.
   * @throws ProblemError where the turn runs, has ended well, or Temporal does not know it any more.
   */
  async retryTurn(turnId: string, operator: Operator): Promise<string> {
    const turn = await this.#findTurn(turnId);
    const conversation = await this.#store.conversation(turn.conversationId);
    if (conversation?.deleted) {
      throw new ProblemError("not-found", "The user has deleted the conversation of this turn");
    }
    await this.record(operator, `turn/${turnId}`, { action: "retry-turn", turnId });
    const result = await this.#reset(turnId, `Retried by an operator (${operator.by})`);
    switch (result.outcome) {
      case "reset":
        return result.runId;
      case "running":
        throw new ProblemError("turn-running", `Turn ${turnId} is being answered already`);
      case "ended":
        throw new ProblemError("turn-ended", `Turn ${turnId} has been answered or stopped`);
      case "unstarted":
        throw new ProblemError(
          "turn-running",
          `No worker has seen turn ${turnId} before its run was ended. Send its message again`,
        );
      case "unknown":
        throw new ProblemError(
          "not-found",
          `Temporal does not keep the run of turn ${turnId} any more. Regenerate the answer instead`,
        );
    }
  }

  /** Stops a turn as its user would; one that has ended stays as it is. */
  async cancelTurn(turnId: string, operator: Operator): Promise<void> {
    const turn = await this.#findTurn(turnId);
    if (isEnded(turn)) return;
    await this.record(operator, `turn/${turnId}`, { action: "cancel-turn", turnId });
    await this.#turns.stop(turn, undefined);
  }

  /**
   * Starts to retry all failed turns that the request describes.
   *
   * @param id Made by the client: the same id again is the same retry.
   * @returns Whether it is new.
   * @throws ProblemError where the id belongs to another request.
   */
  async startRetry(id: string, request: RetryRequest, operator: Operator): Promise<boolean> {
    const requestHash = createHash("sha256").update(JSON.stringify(request)).digest("hex");
    const workflowId = retryWorkflowId(id);
    const plan: RetryPlan = { id, request, operator };
    const event = { action: "retry-turns", retryId: id, detail: describeRequest(request) } as const;
    await this.record(operator, workflowId, event, stepEventId(workflowId, "", "requested"));
    try {
      await this.#ask(() =>
        this.#client.workflow.start(retryWorkflowType, {
          workflowId,
          taskQueue,
          workflowIdReusePolicy: "REJECT_DUPLICATE",
          args: [plan],
          memo: { requestHash },
        })
      );
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const { memo } = await this.#ask(() =>
        this.#client.workflow.getHandle(workflowId).describe()
      );
      if (memo?.requestHash === requestHash) return false;
      throw new ProblemError(
        "retry-conflict",
        `Retry ${id} was started by another request. Make a new id for each`,
      );
    }
  }

  /** @throws ProblemError where there is no such retry. */
  async describeRetry(id: string): Promise<RetryView> {
    const workflowId = retryWorkflowId(id);
    const handle = this.#client.workflow.getHandle(workflowId);
    let description: WorkflowExecutionDescription;
    try {
      description = await this.#ask(() => handle.describe());
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new ProblemError("not-found", `There is no retry ${id}`);
    }
    const status = statusOf(description);
    return {
      id,
      workflowId,
      status,
      progress: await this.#progressOf(workflowId, status),
      temporalUrl: this.links.run(workflowId, description.runId),
    };
  }

  /** States what an operator asks for, before it is done: nothing is done of which there is no trace. */
  async record(
    operator: Operator,
    subject: string,
    request: Omit<SystemEventData["operation.requested"], keyof Operator>,
    id: string = newEventId(),
  ): Promise<void> {
    const type = "operation.requested";
    const data = { ...request, ...operator };
    await this.#store.append([
      createSystemEvent({ id, source: "turnlog/api", type, subject, data }),
    ]);
    log.info("An operator asks", { subject, ...data });
  }

  /** A turn has failed a little before its run has: then its end is waited for. */
  async #reset(turnId: string, reason: string): Promise<ResetResult> {
    for (let waitedMs = 0;; waitedMs += endingPollMs) {
      const result = await this.#ask(() => resetTurn(this.#client, turnId, reason));
      if (result.outcome !== "running" || waitedMs >= endingMs) return result;
      if ((await this.#store.turn(turnId))?.status !== "failed") return result;
      await sleep(endingPollMs);
    }
  }

  async #progressOf(
    workflowId: string,
    status: RetryView["status"],
  ): Promise<RetryProgress | null> {
    const handle = this.#client.workflow.getHandle(workflowId);
    try {
      return await this.#client.withDeadline(
        Date.now() + progressMs,
        () => status === "completed" ? handle.result() : handle.query(progressQuery),
      );
    } catch (error) {
      log.warn("No worker tells how far a retry is", { workflowId, error });
      return null;
    }
  }

  async #findTurn(turnId: string): Promise<TurnState> {
    const turn = await this.#store.turn(turnId);
    if (turn === null) throw new ProblemError("not-found", `There is no turn ${turnId}`);
    return turn;
  }

  #ask<Result>(call: () => Promise<Result>): Promise<Result> {
    return askTemporal(this.#client, "Nothing was changed. Try again in a moment", call);
  }
}

function statusOf({ status }: WorkflowExecutionDescription): RetryView["status"] {
  if (status.name === "RUNNING") return "running";
  return status.name === "COMPLETED" ? "completed" : "failed";
}

function describeRequest(request: RetryRequest): string {
  return Object.entries(request).map(([name, value]) => `${name}=${value}`).join(" ");
}
