/** One streamed call to a provider, from the request to its end, with the route's timeouts. Knows nothing of Temporal. */
import type { Timeouts } from "../events/contract/call_settings.ts";
import type { Failure } from "../events/contract/failure.ts";
import type { DeltaPart } from "../events/contract/stream_part.ts";
import { addToolCallDelta, type ToolCall } from "../events/contract/tool_call.ts";
import { type FinishReason, noUsage, type Usage } from "../events/contract/usage.ts";
import { loggerOf } from "../events/logging.ts";
import { rootCause } from "../events/root_cause.ts";
import { abortable } from "./abortable.ts";
import { appendText } from "./append_text.ts";
import { withoutKeys } from "./providers/own_words.ts";
import {
  type Provider,
  type ProviderCall,
  type ProviderChunk,
  ProviderError,
} from "./providers/provider.ts";

const log = loggerOf("workflows", "providers");

/** What a call has given so far, or in all. */
export interface Answer {
  text: string;
  reasoning: string;
  /** Absent where no tool is called. */
  toolCalls?: ToolCall[];
  responseModel: string | null;
  timeToFirstTokenMs: number | null;
  durationMs: number;
  usage: Usage;
  /** Set where the provider did not count all of it. */
  isUsageEstimated?: true;
}

export type Outcome =
  | { type: "finished"; finishReason: FinishReason }
  | { type: "failed"; failure: Failure }
  /** The caller's signal was aborted. */
  | { type: "aborted" };

/** How long an answer that is complete waits for its usage and for the end of its stream. */
const usageMsMax = 2000;
/** The longest text of an answer, in UTF-16 code units: beyond it a model is writing without end. */
const answerLengthMax = 1_000_000;

/**
 * Streams an answer. Never throws for what a provider does: that is an outcome.
 *
 * @param answer Filled while the stream runs, so that others can see how far it is.
 * @param onDelta Called with each piece as it comes.
 */
export async function streamAnswer({ provider, call, timeouts, answer, onDelta }: {
  provider: Provider;
  call: ProviderCall;
  timeouts: Timeouts;
  answer: Answer;
  onDelta: (delta: DeltaPart) => void;
}): Promise<Outcome> {
  const startMs = performance.now();
  const deadline = new Deadline(timeouts, call.candidate.provider);
  const signal = AbortSignal.any([call.signal, deadline.signal]);
  const untilAborted = abortable(signal);
  const chunks = provider.stream({ ...call, signal })[Symbol.asyncIterator]();
  // With it the answer is complete; what comes after it, such as the usage, is good to have.
  let finishReason: FinishReason | undefined;
  try {
    while (true) {
      const next = await untilAborted(chunks.next());
      answer.durationMs = elapsedMs(startMs);
      // A package may end its stream quietly when it is aborted.
      signal.throwIfAborted();
      if (next.done) {
        return finishReason
          ? { type: "finished", finishReason }
          : { type: "failed", failure: cutOff(call.candidate.provider) };
      }
      const chunk = next.value;
      deadline.heed(chunk.type);
      switch (chunk.type) {
        case "text":
        case "reasoning":
          answer.timeToFirstTokenMs ??= answer.durationMs;
          answer[chunk.type] = appendText(answer[chunk.type], chunk.text);
          onDelta({ type: `${chunk.type}-delta`, text: chunk.text });
          if (lengthOf(answer) > answerLengthMax) return endless;
          break;
        case "tool-call":
          answer.timeToFirstTokenMs ??= answer.durationMs;
          answer.toolCalls = addToolCallDelta(answer.toolCalls ?? [], chunk.delta);
          onDelta({ type: "tool-call-delta", ...chunk.delta });
          if (lengthOf(answer) > answerLengthMax) return endless;
          break;
        case "model":
          answer.responseModel = chunk.model;
          break;
        case "usage":
          answer.usage = chunk.usage;
          break;
        case "finish":
          finishReason = chunk.finishReason;
          break;
      }
    }
  } catch (error) {
    answer.durationMs = elapsedMs(startMs);
    if (finishReason) return { type: "finished", finishReason };
    if (call.signal.aborted) return { type: "aborted" };
    const reason = deadline.signal.aborted ? deadline.signal.reason : error;
    if (reason instanceof ProviderError) {
      logCause(reason, call);
      return { type: "failed", failure: reason.failure };
    }
    throw error;
  } finally {
    deadline.clear();
    // Not awaited: a provider that hangs would hold the turn.
    chunks.return?.().catch(() => {});
  }
}

/** What users are not told, for whoever looks for the reason. */
function logCause({ failure, cause }: ProviderError, { candidate, apiKey }: ProviderCall): void {
  if (cause === undefined) return;
  const words = withoutKeys(rootCause(cause));
  log.debug("A call failed", {
    provider: candidate.provider,
    class: failure.class,
    cause: apiKey ? words.replaceAll(apiKey, "[key]") : words,
  });
}

export function emptyAnswer(): Answer {
  return {
    text: "",
    reasoning: "",
    responseModel: null,
    timeToFirstTokenMs: null,
    durationMs: 0,
    usage: noUsage,
  };
}

const endless: Outcome = { type: "finished", finishReason: { unified: "length", raw: null } };

function lengthOf({ text, reasoning, toolCalls = [] }: Answer): number {
  return toolCalls.reduce(
    (sum, call) => sum + call.arguments.length,
    text.length + reasoning.length,
  );
}

/** To a tenth of a millisecond: the clock is no finer. */
function elapsedMs(startMs: number): number {
  return Math.round((performance.now() - startMs) * 10) / 10;
}

function cutOff(provider: string): Failure {
  return {
    class: "cut-off",
    message: `The answer of ${provider} ended without its proper end`,
  };
}

/** The three timeouts as one signal; its reason is the ProviderError that tells which one it was. */
class Deadline {
  readonly #abort = new AbortController();
  readonly #timeouts: Timeouts;
  readonly #provider: string;
  readonly #total: ReturnType<typeof setTimeout>;
  #silence: ReturnType<typeof setTimeout>;
  /** When the last part came that ends a silence. */
  #heardMs = performance.now();
  #hasToken = false;
  #isFinished = false;

  constructor(timeouts: Timeouts, provider: string) {
    this.#timeouts = timeouts;
    this.#provider = provider;
    this.#total = setTimeout(
      () => this.#expire("timed-out", "was not done within", timeouts.totalMs),
      timeouts.totalMs,
    );
    this.#silence = setTimeout(
      () => this.#expire("timed-out", "did not answer within", timeouts.firstTokenMs),
      timeouts.firstTokenMs,
    );
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** A part has come: with the first token, the stream may be silent for as long as it may between two parts. */
  heed(type: ProviderChunk["type"]): void {
    const isFirst = !this.#hasToken && type !== "model" && type !== "usage";
    this.#hasToken ||= isFirst;
    if (!this.#hasToken) return;
    this.#heardMs = performance.now();
    // Else the timer finds out by itself: setting one for each part would cost as much as reading it.
    const isSooner = isFirst || type === "finish";
    this.#isFinished ||= type === "finish";
    if (isSooner) this.#awaitNext();
  }

  clear(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#silence);
  }

  #awaitNext(): void {
    clearTimeout(this.#silence);
    const { idleMs } = this.#timeouts;
    const silenceMs = this.#isFinished ? Math.min(idleMs, usageMsMax) : idleMs;
    const leftMs = this.#heardMs + silenceMs - performance.now();
    if (leftMs <= 0) this.#expire("stalled", "fell silent for", idleMs);
    else this.#silence = setTimeout(() => this.#awaitNext(), leftMs);
  }

  #expire(failureClass: "timed-out" | "stalled", what: string, ms: number): void {
    const message = `${this.#provider} ${what} ${ms / 1000} s`;
    this.#abort.abort(new ProviderError({ class: failureClass, message }));
  }
}
