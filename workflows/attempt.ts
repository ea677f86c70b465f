/** How an attempt begins and ends: what is stated of it, once, whatever dies in between. */
import { Context } from "@temporalio/activity";
import type { GenerationParameters, Timeouts } from "../events/contract/call_settings.ts";
import {
  type AttemptState,
  evolveTurn,
  isEnded,
  type TurnState,
} from "../events/contract/conversation.ts";
import { endpointsOf } from "../events/contract/endpoint.ts";
import {
  type AttemptEnd,
  type AttemptTarget,
  createEvent,
  type TurnlogEvent,
} from "../events/contract/event.ts";
import type { Failure } from "../events/contract/failure.ts";
import { endPart } from "../events/contract/stream_part.ts";
import type {
  Candidate,
  ContinuationPolicy,
  ModelContinuation,
  PlannedExposure,
} from "../events/contract/turn_plan.ts";
import type { FinishReason } from "../events/contract/usage.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { continuationOf, type Continuing, writtenTokensOf } from "./continuation.ts";
import { costOf } from "./cost.ts";
import type { AttemptStream } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import { exposureEvents } from "./exposure_events.ts";
import type { Answer } from "./stream_answer.ts";
import { turnEndEvent } from "./turn_end.ts";
import {
  activityEventId,
  earlierEventIds,
  eventSource,
  executionEventId,
  firstCallEventId,
  subjectOf,
} from "./turn_events.ts";
import { untilStored } from "./until_stored.ts";

export interface CallModelInput {
  turnId: string;
  /** The names of all candidates of the turn. */
  candidates: string[];
  /** Once the call is admitted, with the one endpoint that is called. */
  candidate: Candidate;
  timeouts: Timeouts;
  continuation: ContinuationPolicy;
  systemPrompt?: string;
  parameters: GenerationParameters;
  isFallback: boolean;
  /** Why there is another attempt. */
  reason?: Failure;
  /** Whether the process that made the turn's first call has died, which may have stated how it ended. */
  isFirstCallLost?: boolean;
  /** The experiments that have come to act by now. */
  exposures?: PlannedExposure[];
}

/** What an attempt's end says of how it was asked. */
export type AskedCall = Pick<CallModelInput, "turnId" | "candidate" | "isFallback">;

export type CallModelResult =
  /** `endsTurn`: the end of the turn is stated as well. */
  | { outcome: "completed"; finishReason: FinishReason; endsTurn?: boolean }
  | { outcome: "stopped" }
  /** `skipped`: nobody was called, since the candidate cools down or has no place left. */
  | { outcome: "failed"; failure: Failure; skipped?: true };

/**
 * What becomes of a first call within the workflow's first step: over, to be adopted as an activity, not made by this
 * process, or broken off since the process ends.
 */
export type FirstCallResult = CallModelResult | "running" | "elsewhere" | "interrupted";

export interface BegunAttempt {
  type: "begun";
  attempt: number;
  /** Why there is another attempt. */
  reason?: Failure;
  /** What the attempt goes on from; empty where it begins. */
  partialText: string;
  /** How it goes on; absent where it begins. */
  continuing?: Continuing;
}

/** States that the attempt begins, and the turn with its first one, unless the turn is past that: then the answer is how it ended. */
export async function beginAttempt(
  store: EventStore,
  input: CallModelInput,
): Promise<BegunAttempt | { type: "ended"; result: CallModelResult }> {
  const { turnId, candidate, continuation } = input;
  let by: ModelContinuation = "restart";
  const turnStartedId = activityEventId("turn-started");
  const id = executionEventId("started");
  const earlierIds = earlierEventIds("started");
  if (input.isFirstCallLost) earlierIds.push(firstCallEventId("attempt-started"));
  const decide = (turn: TurnState | null) => {
    if (turn === null || earlierResult(turn, earlierIds) !== null) return [];
    by = continuationOf(turn, candidate, continuation);
    const attempt = turn.attempts.length + 1;
    // Of a worker's death the workflow has not heard.
    const lastError = turn.attempts.at(-1)?.error;
    const reason = lastError?.class === "interrupted" ? lastError : input.reason;
    const turnStarted = createEvent({
      id: turnStartedId,
      source: eventSource,
      type: "turn.started",
      subject: subjectOf(turn),
      data: { route: turn.route, candidates: input.candidates },
    });
    const started = createEvent({
      id,
      source: eventSource,
      type: "attempt.started",
      subject: subjectOf(turn, attempt),
      data: {
        ...targetOf(input),
        ...(reason && { reason }),
        continues: by === "restart" ? 0 : turn.text.length,
      },
    });
    const exposed = exposureEvents(turn, input.exposures, attempt);
    return [...turn.startedAt === null ? [turnStarted] : [], started, ...exposed];
  };
  const { cancellationSignal } = Context.current();
  const turn = await untilStored(cancellationSignal, () => store.updateTurn(turnId, decide));
  const attempt = turn?.attempts.at(-1);
  if (turn && attempt?.startEventId === id) {
    const begun: BegunAttempt = {
      type: "begun",
      attempt: attempt.attempt,
      ...(attempt.reason && { reason: attempt.reason }),
      partialText: turn.text,
    };
    if (by === "restart") return begun;
    const { reasoning, attempts } = turn;
    const writtenTokens = writtenTokensOf(attempts);
    return { ...begun, continuing: { by, reasoning, writtenTokens } };
  }
  return {
    type: "ended",
    result: turn && earlierResult(turn, earlierIds) || { outcome: "stopped" },
  };
}

/**
 * How the turn's answer ended, or this very call, if a worker stated that and died before it could tell Temporal.
 *
 * @param earlierIds With which earlier executions of the call would have begun.
 */
export function earlierResult(
  turn: TurnState,
  earlierIds: readonly string[] = [],
): CallModelResult | null {
  const last: AttemptState | undefined = turn.attempts.at(-1);
  if (
    last?.error && last.error.class !== "interrupted" && earlierIds.includes(last.startEventId)
  ) return { outcome: "failed", failure: last.error };
  if (turn.status === "stopped" || last?.status === "stopped") return { outcome: "stopped" };
  if (last?.status === "completed" && last.finishReason) {
    return { outcome: "completed", finishReason: last.finishReason, endsTurn: isEnded(turn) };
  }
  return null;
}

/**
 * States how the attempt ended, and with an answer that is complete the turn, unless another worker has stated it: then
 * this one was believed dead.
 *
 * @returns Whether the turn has ended with it.
 */
export async function endAttempt(
  { store, publisher, health }: Dependencies,
  asked: AskedCall,
  { attempt, partialText }: BegunAttempt,
  { answer, stream, result }: { answer: Answer; stream: AttemptStream; result: CallModelResult },
): Promise<boolean> {
  const { price } = asked.candidate;
  const end: AttemptTarget & AttemptEnd = {
    ...targetOf(asked),
    ...answer,
    costUsd: costOf(answer.usage, price),
    priceVersion: price?.version ?? null,
    isContinuation: partialText !== "",
    lastSequence: stream.seal(),
  };
  // For `auto`, the answer tells which model was asked.
  if (end.requestModel === "auto") end.requestModel = answer.responseModel ?? "auto";
  const id = executionEventId("ended");
  const turnEndId = activityEventId("turn-ended");
  let isOurs = false;
  const decide = (turn: TurnState | null) => {
    isOurs = turn?.attempts[attempt - 1]?.status === "running" && !isEnded(turn);
    if (turn === null || !isOurs) return [];
    const envelope = { id, source: eventSource, subject: subjectOf(turn, attempt) };
    if (result.outcome === "failed") {
      const data = { ...end, error: result.failure };
      return [createEvent({ ...envelope, type: "attempt.failed", data })];
    }
    const finishReason: FinishReason = result.outcome === "completed"
      ? result.finishReason
      : { unified: "stopped", raw: null };
    const data = { ...end, finishReason };
    const completed = createEvent({ ...envelope, type: "attempt.completed", data });
    if (result.outcome === "stopped") return [completed];
    const turnEnd = { type: "turn.completed", finishReason } as const;
    return [completed, turnEndEvent(evolveTurn(turn, completed)!, turnEndId, turnEnd)];
  };
  let stated: readonly TurnlogEvent[] = [];
  const update = () => store.updateTurn(asked.turnId, (turn) => stated = decide(turn));
  const turn = await untilStored(lossOf(Context.current()), update);
  // It would come back from the topic of events, but the next call may begin sooner.
  stated.forEach((event) => health.hear(event));
  if (turn === null || !isOurs) {
    stream.abandon();
    return false;
  }
  stream.end({
    type: "attempt-end",
    attempt,
    outcome: result.outcome,
    ...(result.outcome === "failed" && { error: result.failure }),
  });
  if (isEnded(turn)) publisher.publish(turn.turnId, turn.position, endPart(turn));
  await publisher.flush();
  return isEnded(turn);
}

export function targetOf(
  { candidate, isFallback }: Pick<CallModelInput, "candidate" | "isFallback">,
): AttemptTarget {
  const { provider, model, requestModel } = candidate;
  const [endpoint] = endpointsOf(candidate);
  return { provider, model, requestModel, ...(endpoint !== undefined && { endpoint }), isFallback };
}

/** @returns A signal for the end of the worker or of the run, but not for a stop: how a stop ended must be stored too. */
function lossOf(context: Context): AbortSignal {
  const loss = new AbortController();
  const { cancellationSignal } = context;
  const listen = () => isCancelledByWorkflow(context) || loss.abort();
  if (cancellationSignal.aborted) listen();
  else cancellationSignal.addEventListener("abort", listen, { once: true });
  return loss.signal;
}

/** Whether the user, or an operator, ended the turn. */
export function isCancelledByWorkflow(
  { cancellationSignal: { aborted, reason } }: Context,
): boolean {
  return aborted && reason instanceof Error && reason.message === "CANCELLED";
}
