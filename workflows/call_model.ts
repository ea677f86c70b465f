/**
 * The activity `callModel`: one attempt to answer a turn. It streams the answer to the deltas topic, keeps Temporal told
 * how far it is, and states how it began and ended as events. What a provider does wrong is an outcome that the workflow
 * decides upon; Temporal itself only tries again when a worker or the store failed.
 */
import { ApplicationFailure, Context } from "@temporalio/activity";
import { type AttemptState, isEnded, type TurnState } from "../events/contract/conversation.ts";
import { type AttemptEnd, type AttemptTarget, createEvent } from "../events/contract/event.ts";
import type { Failure } from "../events/contract/failure.ts";
import type {
  Candidate,
  ContinuationPolicy,
  GenerationParameters,
  Timeouts,
} from "../events/contract/turn_plan.ts";
import type { FinishReason } from "../events/contract/usage.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { costOf } from "./cost.ts";
import type { AttemptStream } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import { closeInterrupted, interrupted, type Progress } from "./interrupted_attempt.ts";
import { attempts, openStreams, timeToFirstToken } from "./metrics.ts";
import { unknownTurn } from "./failure_policy.ts";
import { providers } from "./providers/mod.ts";
import type { ChatMessage } from "./providers/provider.ts";
import { type Answer, emptyAnswer, type Outcome, streamAnswer } from "./stream_answer.ts";
import { activityEventId, eventSource, executionEventId, subjectOf } from "./turn_events.ts";

export interface CallModelInput {
  turnId: string;
  /** The names of all candidates of the turn. */
  candidates: string[];
  candidate: Candidate;
  timeouts: Timeouts;
  continuation: ContinuationPolicy;
  systemPrompt?: string;
  parameters: GenerationParameters;
  isFallback: boolean;
  /** Why there is another attempt. */
  reason?: Failure;
}

export type CallModelResult =
  | { outcome: "completed"; finishReason: FinishReason }
  | { outcome: "stopped" }
  | { outcome: "failed"; failure: Failure };

/** How long a call waits for the api to store the message, which it does right after it has started the workflow. */
const messageMs = 100;
const messagePollMs = 5;
/** Temporal passes on a heartbeat at most every 0.8 heartbeat timeouts; many more would be thrown away. */
const heartbeatMs = 500;
/** How long the end of an attempt waits for its parts to be in Kafka. */
const flushMs = 2000;
/** The longest message of a failure, in UTF-16 code units. */
const messageLengthMax = 500;

export async function callModel(
  dependencies: Dependencies,
  input: CallModelInput,
): Promise<CallModelResult> {
  const { turnId, candidate } = input;
  const context = Context.current();
  using stopRequest = dependencies.stopRequests.signalOf(turnId);

  await requireMessage(dependencies.store, turnId);
  await closeInterrupted(dependencies, turnId, context.info.heartbeatDetails, candidate);
  const begun = await beginAttempt(dependencies.store, input);
  if (begun.type === "ended") return begun.result;

  const stream = dependencies.publisher.openStream(turnId, begun.attempt);
  stream.start({
    type: "attempt-start",
    attempt: begun.attempt,
    provider: candidate.provider,
    model: candidate.model,
    ...(input.reason && { reason: input.reason }),
    ...(begun.partialText !== "" && { continues: begun.partialText.length }),
  });

  const answer = emptyAnswer();
  const heartbeat = setInterval(() => {
    context.heartbeat({ attempt: begun.attempt, ...answer } satisfies Progress);
  }, heartbeatMs);
  openStreams.inc();
  try {
    const signal = AbortSignal.any([stopRequest.signal, context.cancellationSignal]);
    const outcome = await answerFrom(dependencies, input, begun, { answer, stream, signal });
    const isStop = stopRequest.signal.aborted || isCancelledByWorkflow(context);
    const result = resultOf(outcome, isStop);
    count(candidate, answer, result);
    await endAttempt(dependencies, input, begun, { answer, stream, result });
    if (outcome.type !== "aborted" || isStop) return result;
    throw ApplicationFailure.create({
      message: interrupted.message,
      type: interrupted.class,
      nextRetryDelay: 1,
    });
  } finally {
    clearInterval(heartbeat);
    openStreams.dec();
  }
}

/** @throws ApplicationFailure of type {@linkcode unknownTurn} where the message is not stored. */
async function requireMessage(store: EventStore, turnId: string): Promise<void> {
  for (let waitedMs = 0; await store.turn(turnId) === null; waitedMs += messagePollMs) {
    if (waitedMs >= messageMs) {
      throw ApplicationFailure.nonRetryable(`Turn ${turnId} is not in the store`, unknownTurn);
    }
    await Context.current().sleep(messagePollMs);
  }
}

interface BegunAttempt {
  type: "begun";
  attempt: number;
  /** What the attempt goes on from; empty where it begins. */
  partialText: string;
}

/** States that the attempt begins, and the turn with its first one, unless the turn is past that: then the answer is how it ended. */
async function beginAttempt(
  store: EventStore,
  input: CallModelInput,
): Promise<BegunAttempt | { type: "ended"; result: CallModelResult }> {
  const { turnId, candidate, continuation, reason } = input;
  const canContinue = continuation === "auto" && providers[candidate.kind].canContinue(candidate);
  const turnStartedId = activityEventId("turn-started");
  const id = executionEventId("started");
  const turn = await store.updateTurn(turnId, (turn) => {
    if (turn === null || earlierResult(turn) !== null) return [];
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
      subject: subjectOf(turn, turn.attempts.length + 1),
      data: {
        ...targetOf(input),
        ...(reason && { reason }),
        continues: canContinue ? turn.text.length : 0,
      },
    });
    return turn.startedAt === null ? [turnStarted, started] : [started];
  });
  const attempt = turn?.attempts.at(-1);
  if (turn && attempt?.startEventId === id) {
    return { type: "begun", attempt: attempt.attempt, partialText: turn.text };
  }
  return { type: "ended", result: turn && earlierResult(turn) || { outcome: "stopped" } };
}

/** How the turn's answer ended, if a worker stated that and died before it could tell Temporal. */
function earlierResult(turn: TurnState): CallModelResult | null {
  const last: AttemptState | undefined = turn.attempts.at(-1);
  if (turn.status === "stopped" || last?.status === "stopped") return { outcome: "stopped" };
  if (last?.status === "completed" && last.finishReason) {
    return { outcome: "completed", finishReason: last.finishReason };
  }
  return null;
}

async function answerFrom(
  { store, resolveKey }: Dependencies,
  { turnId, candidate, timeouts, systemPrompt, parameters }: CallModelInput,
  { attempt, partialText }: BegunAttempt,
  { answer, stream, signal }: { answer: Answer; stream: AttemptStream; signal: AbortSignal },
): Promise<Outcome> {
  const apiKey = resolveKey(candidate.apiKey);
  if (apiKey === undefined && isKeyNeeded(candidate)) {
    const variable = candidate.apiKey?.replace(/^env:/, "");
    const message = `${candidate.provider} needs a key: set ${variable} for the worker`;
    return { type: "failed", failure: { class: "bad-credentials", message } };
  }
  const path = await store.turnPath(turnId);
  const outcome = await streamAnswer({
    provider: providers[candidate.kind],
    call: {
      candidate,
      apiKey,
      systemPrompt,
      parameters,
      messages: path.flatMap((turn) => messagesOf(turn, turnId)),
      partialText,
      turnId,
      attempt,
      signal,
    },
    timeouts,
    answer,
    onDelta: (type, text) => stream.add(`${type}-delta`, text),
  });
  if (outcome.type !== "failed") return outcome;
  return { ...outcome, failure: withoutSecret(outcome.failure, apiKey) };
}

/** A server of one's own, which has an address, may do without a key. */
function isKeyNeeded({ apiKey, baseUrl }: Candidate): boolean {
  return apiKey !== undefined && baseUrl === undefined;
}

function messagesOf(turn: TurnState, answeredTurnId: string): ChatMessage[] {
  const message: ChatMessage = { role: "user", text: turn.message };
  if (turn.turnId === answeredTurnId || turn.text === "") return [message];
  return [message, { role: "assistant", text: turn.text }];
}

function resultOf(outcome: Outcome, isStop: boolean): CallModelResult {
  switch (outcome.type) {
    case "finished":
      return { outcome: "completed", finishReason: outcome.finishReason };
    case "failed":
      return { outcome: "failed", failure: outcome.failure };
    case "aborted":
      return isStop ? { outcome: "stopped" } : { outcome: "failed", failure: interrupted };
  }
}

function count({ provider, model }: Candidate, answer: Answer, result: CallModelResult): void {
  const outcome = result.outcome === "failed" ? result.failure.class : result.outcome;
  attempts.inc({ provider, model, outcome });
  if (answer.timeToFirstTokenMs !== null) {
    timeToFirstToken.observe({ provider, model }, answer.timeToFirstTokenMs / 1000);
  }
}

/** States how the attempt ended, unless another worker has stated it: then this one was believed dead. */
async function endAttempt(
  { store, publisher }: Dependencies,
  input: CallModelInput,
  { attempt, partialText }: BegunAttempt,
  { answer, stream, result }: { answer: Answer; stream: AttemptStream; result: CallModelResult },
): Promise<void> {
  const { price } = input.candidate;
  const end: AttemptTarget & AttemptEnd = {
    ...targetOf(input),
    ...answer,
    costUsd: costOf(answer.usage, price),
    priceVersion: price?.version ?? null,
    isContinuation: partialText !== "",
    lastSequence: stream.seal(),
  };
  // For `auto`, the answer tells which model was asked.
  if (end.requestModel === "auto") end.requestModel = answer.responseModel ?? "auto";
  const id = executionEventId("ended");
  let isOurs = false;
  await store.updateTurn(input.turnId, (turn) => {
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
    return [createEvent({ ...envelope, type: "attempt.completed", data })];
  });
  if (!isOurs) return stream.abandon();
  stream.end({
    type: "attempt-end",
    attempt,
    outcome: result.outcome,
    ...(result.outcome === "failed" && { error: result.failure }),
  });
  await publisher.flush(flushMs);
}

function targetOf({ candidate, isFallback }: CallModelInput): AttemptTarget {
  const { provider, model, requestModel } = candidate;
  return { provider, model, requestModel, isFallback };
}

function isCancelledByWorkflow({ cancellationSignal: { aborted, reason } }: Context): boolean {
  return aborted && reason instanceof Error && reason.message === "CANCELLED";
}

/** Providers repeat keys in their messages, and some answer with whole pages. */
function withoutSecret(failure: Failure, apiKey: string | undefined): Failure {
  const message = apiKey ? failure.message.replaceAll(apiKey, "[key]") : failure.message;
  return { ...failure, message: message.slice(0, messageLengthMax) };
}
