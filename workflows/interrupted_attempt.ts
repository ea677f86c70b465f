/** What becomes of an attempt that nobody has ended: its worker died, or the turn was stopped before anyone took it up. */
import { ApplicationFailure, Context } from "@temporalio/activity";
import { textOf } from "../events/contract/chat_request.ts";
import type { AttemptState, TurnState } from "../events/contract/conversation.ts";
import { type AttemptEnd, type AttemptTarget, createEvent } from "../events/contract/event.ts";
import type { Failure } from "../events/contract/failure.ts";
import type { Candidate } from "../events/contract/turn_plan.ts";
import { loggerOf } from "../events/logging.ts";
import { requestOf } from "./call_provider.ts";
import { costOf } from "./cost.ts";
import type { Dependencies } from "./dependencies.ts";
import type { PublishedText } from "./published_text.ts";
import { type Answer, emptyAnswer } from "./stream_answer.ts";
import { eventSource, executionEventId, subjectOf } from "./turn_events.ts";
import { untilStored } from "./until_stored.ts";
import { completeUsage } from "./usage_estimate.ts";

const log = loggerOf("worker");

/** What a heartbeat carries: how far the attempt is, without the words that Kafka has. */
export interface Progress extends Answer {
  attempt: number;
}

/**
 * Each heartbeat is written to Temporal's database: with the whole text of long answers in it, that was the most that a
 * thousand streams did.
 *
 * @param isPublished Whether Kafka has the words, but for the very last ones.
 */
export function progressOf(attempt: number, answer: Answer, isPublished: boolean): Progress {
  if (!isPublished) return { attempt, ...answer };
  const { toolCalls: _, ...counted } = answer;
  return { attempt, ...counted, text: "", reasoning: "" };
}

export const interrupted: Failure = {
  class: "interrupted",
  message: "The worker that wrote this answer ended; another one goes on",
};

/** What a worker throws that ends in the middle: Temporal gives its call to another one at once. */
export function interruption(): ApplicationFailure {
  const { message, class: type } = interrupted;
  return ApplicationFailure.create({ message, type, nextRetryDelay: 1 });
}

export function isInterruption(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === interrupted.class;
}

/**
 * Ends the turn's attempt that is still open, if there is one, with all that is known of its answer: what was published,
 * or what the last heartbeat told, whichever is further. What only the heartbeat knows is published now.
 *
 * @param heartbeat The last one of the execution before this; undefined if there was none.
 * @param candidate Whom the execution before this called; undefined where it is not known.
 * @param isStopped The user ended it, and no worker's death.
 */
export async function closeOpenAttempt(
  { store, publisher, publishedText }: Dependencies,
  turnId: string,
  { heartbeat, candidate, isStopped = false }: {
    heartbeat?: Progress;
    candidate?: Candidate;
    isStopped?: boolean;
  },
): Promise<void> {
  const open = (await store.turn(turnId))?.attempts.at(-1);
  if (open?.status !== "running") return;
  const progress = heartbeat?.attempt === open.attempt ? heartbeat : emptyAnswer();
  const published = await readPublished(publishedText, turnId, open);

  const stream = publisher.openStream(turnId, open.attempt, published.lastSequence);
  const { attempt, provider, model } = open;
  if (published.lastSequence < 0) {
    const continues = open.continues || undefined;
    stream.start({ type: "attempt-start", attempt, provider, model, continues });
  }
  const text = further(published.text, progress.text);
  const reasoning = further(published.reasoning, progress.reasoning);
  stream.add({ type: "reasoning-delta", text: reasoning.slice(published.reasoning.length) });
  stream.add({ type: "text-delta", text: text.slice(published.text.length) });
  // Calls are begun anew, so that it is enough to know that there were some.
  const toolCalls = progress.toolCalls ?? published.toolCalls;
  const lastSequence = stream.seal();

  const id = executionEventId("interrupted");
  const path = await store.turnPath(turnId);
  const { messages } = requestOf(path.slice(0, -1), path.at(-1)!);
  const prompt = [...messages.map(({ content }) => textOf(content)), path.at(-1)!.text];
  const calls = toolCalls?.map(({ name, arguments: input }) => name + input).join("") ?? "";
  const known = { text, reasoning, toolCalls };
  const exchange = { prompt, text, reasoning, calls };
  const { usage, isUsageEstimated } = completeUsage(progress.usage, exchange);
  let isOurs = false;
  const decide = (turn: TurnState | null) => {
    isOurs = turn?.attempts[attempt - 1]?.status === "running";
    if (turn === null || !isOurs) return [];
    const data = endOf(open, candidate, {
      ...progress,
      ...known,
      usage,
      isUsageEstimated,
      lastSequence,
    });
    const envelope = { id, source: eventSource, subject: subjectOf(turn, attempt) };
    if (!isStopped) {
      const failed = { ...data, error: interrupted };
      return [createEvent({ ...envelope, type: "attempt.failed", data: failed })];
    }
    const stopped = { ...data, finishReason: { unified: "stopped", raw: null } as const };
    return [createEvent({ ...envelope, type: "attempt.completed", data: stopped })];
  };
  const { cancellationSignal } = Context.current();
  await untilStored(cancellationSignal, () => store.updateTurn(turnId, decide));
  if (!isOurs) return stream.abandon();
  stream.end(
    isStopped
      ? { type: "attempt-end", attempt, outcome: "stopped" }
      : { type: "attempt-end", attempt, outcome: "failed", error: interrupted },
  );
}

/** @param candidate Whom the execution that began the attempt called, if that is known. */
function endOf(
  { provider, model, requestModel, endpoint, isFallback, continues, startedAt }: AttemptState,
  candidate: Candidate | undefined,
  answer: Answer & Pick<AttemptEnd, "lastSequence">,
): AttemptTarget & AttemptEnd {
  const { text, reasoning, toolCalls, usage, isUsageEstimated, lastSequence } = answer;
  const price = model === candidate?.model ? candidate.price : undefined;
  return {
    provider,
    model,
    requestModel,
    ...(endpoint !== undefined && { endpoint }),
    isFallback,
    responseModel: answer.responseModel,
    timeToFirstTokenMs: answer.timeToFirstTokenMs,
    durationMs: Date.now() - Date.parse(startedAt),
    usage,
    ...(isUsageEstimated && { isUsageEstimated }),
    costUsd: costOf(usage, price),
    priceVersion: price?.version ?? null,
    text,
    reasoning,
    ...(toolCalls && { toolCalls }),
    isContinuation: continues > 0,
    lastSequence,
  };
}

async function readPublished(
  reader: Dependencies["publishedText"],
  turnId: string,
  { attempt, startedAt }: AttemptState,
): Promise<PublishedText> {
  try {
    return await reader.read(turnId, attempt, Date.parse(startedAt));
  } catch (error) {
    // Readers of the stream find out by the store that they missed something.
    log.warn("Could not read what was published of an interrupted answer", { turnId, error });
    return { text: "", reasoning: "", lastSequence: 0 };
  }
}

function further(a: string, b: string): string {
  return b.length > a.length ? b : a;
}
