/**
 * The contract of a provider kind: one streamed call to a model. To add a kind, write one file beside this one and name
 * it in `mod.ts`. A provider knows nothing of turns, retries or Turnlog's events; it maps one API to these types.
 */
import type { GenerationParameters } from "../../events/contract/call_settings.ts";
import type { ChatRequest } from "../../events/contract/chat_request.ts";
import type { Failure } from "../../events/contract/failure.ts";
import type { ToolCallDelta } from "../../events/contract/tool_call.ts";
import type { Candidate, ModelContinuation } from "../../events/contract/turn_plan.ts";
import type { FinishReason, Usage } from "../../events/contract/usage.ts";

export interface Provider {
  /**
   * Calls the model and yields what it answers, as it comes.
   *
   * An answer that comes to its proper end has a `finish`; only usage may follow it. A stream without one was cut off.
   * When `signal` is aborted, the provider closes its connection and may throw anything.
   *
   * @throws ProviderError for everything that the provider, or the way to it, did wrong.
   */
  stream(call: ProviderCall): AsyncIterable<ProviderChunk>;

  /** How the candidate goes on with a partial answer, where `turnlog.yaml` does not say. */
  continuation(candidate: Candidate): ModelContinuation;

  /** How many tokens the model takes in all, where `turnlog.yaml` does not say and its server does. */
  contextTokens?(call: ProviderCall): Promise<number | undefined>;
}

/** What is asked, of whom, and how. */
export interface ProviderCall extends ChatRequest {
  candidate: Candidate;
  /** The candidate's key; undefined where it has none. */
  apiKey: string | undefined;
  systemPrompt: string | undefined;
  parameters: GenerationParameters;
  /** The beginning of the answer, which the model is to continue; empty where it is to begin. */
  partialText: string;
  turnId: string;
  /** The number of the attempt within the turn, from 1. */
  attempt: number;
  signal: AbortSignal;
}

export type ProviderChunk =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  | { type: "tool-call"; delta: ToolCallDelta }
  /** The model that answers, in the provider's words. */
  | { type: "model"; model: string }
  /** All tokens so far; a later one replaces an earlier one. */
  | { type: "usage"; usage: Usage }
  | { type: "finish"; finishReason: FinishReason };

/** What a provider did wrong. The workflow decides by the failure's class alone. */
export class ProviderError extends Error {
  override name = "ProviderError";
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}
