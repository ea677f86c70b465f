/**
 * The activity `callModel`: one attempt to answer a turn. It streams the answer to the deltas topic, keeps Temporal told
 * how far it is, and states how it began and ended as events. What a provider does wrong is an outcome that the workflow
 * decides upon; Temporal itself only tries again when a worker or the store failed.
 */
import { ApplicationFailure, Context } from "@temporalio/activity";
import type { TurnState } from "../events/contract/conversation.ts";
import type { Failure } from "../events/contract/failure.ts";
import type { Candidate } from "../events/contract/turn_plan.ts";
import type { EventStore } from "../events/store/event_store.ts";
import {
  beginAttempt,
  type BegunAttempt,
  type CallModelInput,
  type CallModelResult,
  endAttempt,
  isCancelledByWorkflow,
} from "./attempt.ts";
import type { AttemptStream } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import { unknownTurn } from "./failure_policy.ts";
import { closeInterrupted, interrupted, type Progress } from "./interrupted_attempt.ts";
import { attempts, openStreams, timeToFirstToken } from "./metrics.ts";
import { providers } from "./providers/mod.ts";
import type { ChatMessage } from "./providers/provider.ts";
import { type Answer, emptyAnswer, type Outcome, streamAnswer } from "./stream_answer.ts";

/** How long a call waits for the api to store the message, which it does right after it has started the workflow. */
const messageMs = 100;
const messagePollMs = 5;
/** Temporal passes on a heartbeat at most every 0.8 heartbeat timeouts; many more would be thrown away. */
const heartbeatMs = 500;
/** The longest message of a failure, in UTF-16 code units. */
const messageLengthMax = 500;

export async function callModel(
  dependencies: Dependencies,
  input: CallModelInput,
): Promise<CallModelResult> {
  const { turnId, candidate } = input;
  const context = Context.current();
  using stopRequest = dependencies.stopRequests.signalOf(turnId);

  // Before there is news, what the execution before this one told is told again.
  const earlier: Progress | undefined = context.info.heartbeatDetails;
  let tellProgress = () => earlier;
  using _heartbeat = every(heartbeatMs, () => context.heartbeat(tellProgress()));

  await requireMessage(dependencies.store, turnId);
  await closeInterrupted(dependencies, turnId, earlier, candidate);
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
  tellProgress = () => ({ attempt: begun.attempt, ...answer });
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
    // Where its end could not be stated, another worker will.
    stream.abandon();
    openStreams.dec();
  }
}

/** Calls back again and again until it is disposed of. */
function every(ms: number, call: () => void): Disposable {
  const timer = setInterval(call, ms);
  return { [Symbol.dispose]: () => clearInterval(timer) };
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

/** Providers repeat keys in their messages, and some answer with whole pages. */
function withoutSecret(failure: Failure, apiKey: string | undefined): Failure {
  const message = apiKey ? failure.message.replaceAll(apiKey, "[key]") : failure.message;
  return { ...failure, message: message.slice(0, messageLengthMax) };
}
