/** Starts and stops turns. A turn is accepted once Temporal has acknowledged its start; from then on it cannot be lost. */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { isEnded, type TurnState } from "../events/contract/conversation.ts";
import type { TurnlogEvent } from "../events/contract/event.ts";
import {
  chooseModelSignal,
  stopSignal,
  taskQueue,
  turnWorkflowId,
  turnWorkflowType,
} from "../events/contract/names.ts";
import type { ModelChoice, TurnPlan } from "../events/contract/turn_plan.ts";
import type { FirstCall, FirstCaller } from "../events/first_call.ts";
import { encodeControlMessage } from "../events/kafka/control_message.ts";
import type { KafkaProducer } from "../events/kafka/kafka_log.ts";
import { loggerOf } from "../events/logging.ts";
import type { ProviderHealth } from "../events/provider_health/provider_health.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { askTemporal } from "./ask_temporal.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Experiments } from "./experiments/experiments.ts";
import { firstStepTimeoutMs, heartbeatTimeoutOf } from "./heartbeat_timeout.ts";
import { ProblemError } from "./problem.ts";
import { hashOf, messageOf, requireSame, type TurnRequest } from "./turn_request.ts";
import { searchAttributesOf } from "./turn_search_attributes.ts";

const log = loggerOf("api", "turns");

export interface TurnRequestsOptions {
  client: Client;
  store: EventStore;
  catalogue: Catalogue;
  experiments: Experiments;
  producer: KafkaProducer;
  health: Pick<ProviderHealth, "callsUnderWay">;
  /** Makes first calls in this process; workers make them all where it is absent. */
  firstCaller?: FirstCaller;
}

export class TurnRequests {
  readonly #client: Client;
  readonly #store: EventStore;
  readonly #catalogue: Catalogue;
  readonly #experiments: Experiments;
  readonly #producer: KafkaProducer;
  readonly #health: TurnRequestsOptions["health"];
  readonly #firstCaller: FirstCaller | undefined;

  constructor(
    { client, store, catalogue, experiments, producer, health, firstCaller }: TurnRequestsOptions,
  ) {
    this.#client = client;
    this.#store = store;
    this.#catalogue = catalogue;
    this.#experiments = experiments;
    this.#producer = producer;
    this.#health = health;
    this.#firstCaller = firstCaller;
  }

  /**
   * @returns Whether the turn is new; false where the same request has started it before.
   * @throws ProblemError where the id belongs to another request, or Temporal does not answer.
   * @throws PlanError where nobody can answer.
   */
  async start(request: TurnRequest): Promise<boolean> {
    const requestHash = hashOf(request);
    const known = await this.#store.turn(request.turnId);
    if (known !== null) {
      requireSame(request.turnId, requestHash, known.requestHash);
      return false;
    }
    const plan = await this.#planOf(request, requestHash);
    const firstCall = await this.#beginFirstCall(plan);
    const runId = await this.#startWorkflow(plan, firstCall, requestHash).catch((error) => {
      firstCall?.abandon();
      throw error;
    });
    if (runId === null) {
      firstCall?.abandon();
      return false;
    }
    try {
      // The workflow appends the same event; here it lets the next request see the message, even with every worker down.
      if (firstCall === null) await this.#store.append([plan.message]);
      else if (await this.#storeFirstCall(plan, firstCall.events(runId))) firstCall.show();
      else firstCall.abandon();
    } catch (error) {
      firstCall?.abandon();
      log.warn("Could not store an accepted message yet; its workflow will", { error });
    }
    return true;
  }

  /**
   * Stops a turn, durably; a turn that has ended stays as it is.
   *
   * @param seenLength How much of the answer the user had seen.
   */
  async stop(turn: Pick<TurnState, "turnId">, seenLength: number | undefined): Promise<void> {
    const handle = this.#client.workflow.getHandle(turnWorkflowId(turn.turnId));
    try {
      await this.#withTemporal(() => handle.signal(stopSignal, { seenLength }));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return;
      throw error;
    }
    // Much quicker than the way through Temporal, but not durable: therefore both.
    const value = encodeControlMessage({ type: "stop", turnId: turn.turnId });
    this.#producer.send("control", [{ value }]).catch((error) => {
      log.warn("Could not hasten a stop; it comes with the next heartbeat", { error });
    });
  }

  /**
   * Lets another model or route answer a turn that nobody has answered yet.
   *
   * @param asked The name of a model or a route.
   * @throws ProblemError where the turn has ended, or Temporal does not answer.
   * @throws PlanError where nobody can answer.
   */
  async chooseModel(turn: TurnState, asked: string): Promise<void> {
    const { candidates, timeouts, retry, continuation, systemPrompt } = this.#catalogue.plan(asked);
    const choice: ModelChoice = {
      route: asked,
      candidates,
      timeouts,
      retry,
      continuation,
      systemPrompt,
    };
    const handle = this.#client.workflow.getHandle(turnWorkflowId(turn.turnId));
    try {
      await this.#withTemporal(() => handle.signal(chooseModelSignal, choice));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw turnEnded(turn.turnId);
      throw error;
    }
  }

  async #planOf(request: TurnRequest, requestHash: string): Promise<TurnPlan> {
    const { turnId, conversation, asked, parameters, onExhausted } = request;
    const { conversationId, tenant, userKey } = conversation;
    const client = request.request === undefined ? "app" : "program";
    const turn = { asked, client, userKey, conversationId, parameters } as const;
    const planned = await this.#experiments.plan(turn);
    return {
      turnId,
      conversationId,
      tenant,
      userKey,
      message: messageOf(request, requestHash, planned.variants),
      route: asked,
      ...planned,
      ...(onExhausted && { onExhausted }),
      heartbeatTimeoutMs: heartbeatTimeoutOf(this.#health.callsUnderWay),
    };
  }

  async #beginFirstCall(plan: TurnPlan): Promise<FirstCall | null> {
    if (this.#firstCaller === undefined) return null;
    const { parentTurnId, request } = plan.message.data;
    // A program has said all that its model is to know.
    const isPathAsked = request === undefined && parentTurnId !== null;
    const path = isPathAsked ? await this.#store.turnPath(parentTurnId) : [];
    return this.#firstCaller.begin(plan, path);
  }

  /** @returns Whether the call is the turn's: a process that stood still for long may find that a worker has made one. */
  async #storeFirstCall({ turnId, message }: TurnPlan, events: TurnlogEvent[]): Promise<boolean> {
    let isOurs = false;
    await this.#store.updateTurn(turnId, (turn) => {
      isOurs = turn === null || turn.attempts.length === 0 && !isEnded(turn);
      return isOurs ? [message, ...events] : [];
    });
    return isOurs;
  }

  /** @returns The run's id; null where the same request has started it before. */
  async #startWorkflow(
    plan: TurnPlan,
    firstCall: FirstCall | null,
    requestHash: string,
  ): Promise<string | null> {
    const workflowId = turnWorkflowId(plan.turnId);
    try {
      const handle = await this.#withTemporal(() =>
        this.#client.workflow.start(turnWorkflowType, {
          workflowId,
          taskQueue,
          workflowIdReusePolicy: "REJECT_DUPLICATE",
          args: [{ ...plan, ...(firstCall && { firstCall: firstCall.place }) }],
          // The first step is taken in this process then, with nothing to ask of Temporal.
          ...(firstCall?.place.runsWorkflows && {
            requestEagerStart: true,
            // That step lasts as long as the answer, up to some seconds: this is how soon a dead api is missed.
            workflowTaskTimeout: firstStepTimeoutMs,
          }),
          memo: { requestHash },
          typedSearchAttributes: searchAttributesOf(plan),
        })
      );
      return handle.firstExecutionRunId;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const { memo } = await this.#withTemporal(() =>
        this.#client.workflow.getHandle(workflowId).describe()
      );
      requireSame(plan.turnId, requestHash, memo?.requestHash);
      return null;
    }
  }

  #withTemporal<Result>(call: () => Promise<Result>): Promise<Result> {
    const wayOut = "Nothing is lost: send the same request with the same turnId again";
    return askTemporal(this.#client, wayOut, call);
  }
}

export function turnEnded(turnId: string): ProblemError {
  return new ProblemError(
    "turn-ended",
    `Turn ${turnId} has ended. Regenerate it to have its message answered once more`,
  );
}
