/**
 * The fold of a conversation: what a list of its events amounts to. The store keeps its read tables with these
 * functions, and the same code can run in the browser. Folding is deterministic and never fails on events that the
 * store accepted; events must come in the order of the log.
 */
import type { ChatRequest } from "./chat_request.ts";
import { type Comparison, isSameComparison } from "./comparison.ts";
import type {
  AttemptEnd,
  BacktestMark,
  ConversationEvent,
  EventOf,
  EventType,
  TurnEnd,
} from "./event.ts";
import type { Failure } from "./failure.ts";
import type { ToolCall } from "./tool_call.ts";
import { addUsage, type FinishReason, noUsage, type Usage } from "./usage.ts";

/** A conversation without its turns. */
export interface ConversationState {
  conversationId: string;
  tenant: string;
  userKey: string;
  /** What the user called it, else the start of the first message, else null. */
  title: string | null;
  createdAt: string;
  /** When the last turn was sent or the conversation was renamed. */
  updatedAt: string;
  deleted: boolean;
}

export type TurnStatus = "accepted" | "running" | "waiting" | "completed" | "stopped" | "failed";

/** One user message and the work done to answer it. */
export interface TurnState {
  turnId: string;
  conversationId: string;
  tenant: string;
  userKey: string;
  variants: Record<string, string>;
  /** Where a backtest runs the turn: its message and its history are those of the turn that it names. */
  backtest?: BacktestMark;
  parentTurnId: string | null;
  regeneratedFrom: string | null;
  route: string;
  requestHash: string;
  message: string;
  /** What a program asked; absent where a person did. */
  request?: ChatRequest;
  status: TurnStatus;
  /** The answer as the user should see it now: at the end of a stopped turn, what they had seen. */
  text: string;
  reasoning: string;
  /** The tools that the answer wants called; absent where there is none. */
  toolCalls?: ToolCall[];
  attempts: AttemptState[];
  usage: Usage;
  costUsd: number;
  finishReason: FinishReason | null;
  error: Failure | null;
  waiting: { until: string; reason: Failure } | null;
  feedback: { rating: "up" | "down" | null; comment: string | null };
  /** The last vote on each pair of answers of which this turn is the first; absent where there is none. */
  comparisons?: Comparison[];
  sentAt: string;
  startedAt: string | null;
  endedAt: string | null;
  durationMs: number | null;
  /** The place in the turn's stream of the last part that these events account for (see `stream_part.ts`). */
  position: { attempt: number; sequence: number };
}

/** One call to a provider. */
export interface AttemptState {
  attempt: number;
  /** The id of its `attempt.started`: tells a repeated start from a further attempt. */
  startEventId: string;
  provider: string;
  model: string;
  requestModel: string;
  /** As its events tell it: absent where nothing is called, and before 0.2. */
  endpoint?: string;
  responseModel: string | null;
  status: "running" | "completed" | "stopped" | "failed";
  isFallback: boolean;
  /** Why there was another attempt. */
  reason: Failure | null;
  /** The length of the earlier text that this attempt continues; 0 where it began anew. */
  continues: number;
  /** What this attempt wrote. */
  text: string;
  reasoning: string;
  toolCalls?: ToolCall[];
  startedAt: string;
  endedAt: string | null;
  timeToFirstTokenMs: number | null;
  durationMs: number | null;
  usage: Usage;
  /** True where the provider did not count all of the usage: what was missing is estimated. */
  isUsageEstimated?: boolean;
  costUsd: number;
  /** Of the prices behind `costUsd`; null where the model has none, absent before it ends and from before 0.2. */
  priceVersion?: string | null;
  finishReason: FinishReason | null;
  error: Failure | null;
  /** The sequence number of its last stream part; null while it runs. */
  lastSequence: number | null;
}

/** The longest title that is made from a message, in UTF-16 code units. */
const titleLengthMax = 60;

/** Folds one event into the conversation's own state; events of turns only touch its title and time. */
export function evolveConversation(
  state: ConversationState | null,
  event: ConversationEvent,
): ConversationState {
  const current = state ?? emptyConversation(event);
  switch (event.type) {
    case "conversation.created":
      return { ...current, title: event.data.title };
    case "conversation.renamed":
      return { ...current, title: event.data.title, updatedAt: event.time };
    case "conversation.deleted":
      return { ...current, deleted: true };
    case "message.sent":
      return {
        ...current,
        title: current.title ?? titleOf(event.data.text),
        updatedAt: later(current.updatedAt, event.time),
      };
    case "turn.started":
    case "turn.waiting":
    case "turn.rerouted":
    case "turn.completed":
    case "turn.failed":
    case "turn.stopped":
    case "attempt.started":
    case "attempt.completed":
    case "attempt.failed":
    case "feedback.given":
    case "comparison.voted":
    case "variant.exposed":
      return current;
    default:
      return unknownEvent(event);
  }
}

/**
 * Folds one event of a turn. Events of the conversation alone, and events of a turn before its `message.sent`, leave
 * the state as it is.
 */
export function evolveTurn(state: TurnState | null, event: ConversationEvent): TurnState | null {
  if (event.type === "message.sent") return state ?? sentTurn(event);
  if (state === null) return null;
  switch (event.type) {
    case "turn.started":
      return { ...state, status: "running", startedAt: state.startedAt ?? event.time };
    case "turn.waiting":
      return { ...nextPart(state), status: "waiting", waiting: event.data };
    case "turn.rerouted":
      return { ...state, route: event.data.route };
    case "turn.completed":
      return { ...ended(state, event), status: "completed", finishReason: event.data.finishReason };
    case "turn.failed":
      return { ...ended(state, event), status: "failed", error: event.data.error };
    case "turn.stopped":
      return {
        ...ended(state, event),
        status: "stopped",
        text: state.text.slice(0, event.data.textLength),
        finishReason: { unified: "stopped", raw: null },
      };
    case "attempt.started":
      return startedAttempt(state, event);
    case "attempt.completed":
      return endedAttempt(state, event, {
        status: event.data.finishReason.unified === "stopped" ? "stopped" : "completed",
        finishReason: event.data.finishReason,
      });
    case "attempt.failed":
      return endedAttempt(state, event, { status: "failed", error: event.data.error });
    case "feedback.given":
      return { ...state, feedback: event.data };
    case "comparison.voted":
      return { ...state, comparisons: withVote(state.comparisons ?? [], event.data) };
    case "conversation.created":
    case "conversation.renamed":
    case "conversation.deleted":
    case "variant.exposed":
      return state;
    default:
      return unknownEvent(event);
  }
}

/** @returns Whether nothing more will come, unless an operator resets the turn. */
export function isEnded(turn: Pick<TurnState, "status">): boolean {
  return turn.status === "completed" || turn.status === "stopped" || turn.status === "failed";
}

function emptyConversation(event: ConversationEvent): ConversationState {
  const { conversationId, tenant, userKey, time } = event;
  return {
    conversationId,
    tenant,
    userKey,
    title: null,
    createdAt: time,
    updatedAt: time,
    deleted: false,
  };
}

function sentTurn(event: EventOf<"message.sent">): TurnState {
  const { data } = event;
  return {
    turnId: event.turnId ?? event.id,
    conversationId: event.conversationId,
    tenant: event.tenant,
    userKey: event.userKey,
    variants: event.variants ?? {},
    ...(event.backtest && { backtest: event.backtest }),
    parentTurnId: data.parentTurnId,
    regeneratedFrom: data.regeneratedFrom ?? null,
    route: data.route,
    requestHash: data.requestHash,
    message: data.text,
    ...(data.request && { request: data.request }),
    status: "accepted",
    text: "",
    reasoning: "",
    attempts: [],
    usage: noUsage,
    costUsd: 0,
    finishReason: null,
    error: null,
    waiting: null,
    feedback: { rating: null, comment: null },
    sentAt: event.time,
    startedAt: null,
    endedAt: null,
    durationMs: null,
    position: { attempt: 0, sequence: 0 },
  };
}

function startedAttempt(state: TurnState, event: EventOf<"attempt.started">): TurnState {
  const { data } = event;
  const attempt: AttemptState = {
    attempt: event.attempt ?? state.attempts.length + 1,
    startEventId: event.id,
    provider: data.provider,
    model: data.model,
    requestModel: data.requestModel,
    ...(data.endpoint !== undefined && { endpoint: data.endpoint }),
    responseModel: null,
    status: "running",
    isFallback: data.isFallback,
    reason: data.reason ?? null,
    continues: data.continues,
    text: "",
    reasoning: "",
    startedAt: event.time,
    endedAt: null,
    timeToFirstTokenMs: null,
    durationMs: null,
    usage: noUsage,
    costUsd: 0,
    finishReason: null,
    error: null,
    lastSequence: null,
  };
  // A call that broke off is never continued.
  const { toolCalls: _, ...kept } = state;
  return {
    ...kept,
    // A failed turn that an operator has reset begins again with an attempt.
    status: "running",
    error: null,
    endedAt: null,
    durationMs: null,
    waiting: null,
    text: state.text.slice(0, data.continues),
    reasoning: data.continues > 0 ? state.reasoning : "",
    attempts: [...state.attempts, attempt],
    position: { attempt: attempt.attempt, sequence: 0 },
  };
}

function endedAttempt(
  state: TurnState,
  event: EventOf<"attempt.completed"> | EventOf<"attempt.failed">,
  outcome: Pick<AttemptState, "status"> & Partial<Pick<AttemptState, "finishReason" | "error">>,
): TurnState {
  const data: AttemptEnd = event.data;
  const attempts = state.attempts.map((attempt) =>
    attempt.attempt !== event.attempt ? attempt : {
      ...attempt,
      ...outcome,
      requestModel: event.data.requestModel,
      responseModel: data.responseModel,
      text: data.text,
      reasoning: data.reasoning,
      ...(data.toolCalls && { toolCalls: data.toolCalls }),
      endedAt: event.time,
      timeToFirstTokenMs: data.timeToFirstTokenMs,
      durationMs: data.durationMs,
      usage: data.usage,
      ...(data.isUsageEstimated && { isUsageEstimated: true }),
      costUsd: data.costUsd,
      priceVersion: data.priceVersion,
      lastSequence: data.lastSequence,
    }
  );
  return {
    ...state,
    attempts,
    text: state.text + data.text,
    reasoning: state.reasoning + data.reasoning,
    ...(data.toolCalls && { toolCalls: data.toolCalls }),
    usage: addUsage(state.usage, data.usage),
    costUsd: state.costUsd + data.costUsd,
    position: { attempt: event.attempt ?? state.position.attempt, sequence: data.lastSequence },
  };
}

function withVote(comparisons: Comparison[], vote: Comparison): Comparison[] {
  return [...comparisons.filter((other) => !isSameComparison(other, vote)), vote];
}

function ended<Type extends EventType>(
  state: TurnState,
  event: EventOf<Type> & { data: TurnEnd },
): TurnState {
  return {
    ...nextPart(state),
    waiting: null,
    endedAt: event.time,
    durationMs: event.data.durationMs,
    usage: event.data.usage,
    costUsd: event.data.costUsd,
  };
}

/** A `waiting` or an `end` takes the next place in the stream, after the last attempt's `attempt-end`. */
function nextPart(state: TurnState): TurnState {
  const { attempt, sequence } = state.position;
  return { ...state, position: { attempt, sequence: sequence + 1 } };
}

function titleOf(text: string): string {
  const line = text.trim().split("\n", 1)[0].trim();
  return line.length <= titleLengthMax ? line : line.slice(0, titleLengthMax - 1).trimEnd() + "…";
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

/** The compiler rejects a call of this for an event type that the switch before it does not know. */
function unknownEvent(event: never): never {
  throw new TypeError(
    `Cannot fold an event: its type ${(event as ConversationEvent).type} is unknown`,
  );
}
