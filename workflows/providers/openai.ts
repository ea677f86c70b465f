/**
 * OpenAI's chat completions, and every server that speaks them: vLLM, Ollama, llama.cpp, gateways. The candidate's
 * `baseUrl` says which; without one it is OpenAI itself.
 */
import OpenAI, { APIConnectionError, APIError } from "openai";
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from "openai/resources";
import type { Failure, FailureClass } from "../../events/contract/failure.ts";
import type { Candidate } from "../../events/contract/turn_plan.ts";
import type { FinishReason, Usage } from "../../events/contract/usage.ts";
import { cacheClients, noTimeoutMs } from "./client_cache.ts";
import { connectionFailure } from "./connection_failure.ts";
import { connectionPool } from "./connection_pool.ts";
import { failureMessage } from "./failure_message.ts";
import { isContextTooLong, mapHttpFailure } from "./map_http_failure.ts";
import { listedModel, modelName } from "./model_list.ts";
import { mapMessage, mapRequest } from "./openai_request.ts";
import { type Provider, type ProviderCall, type ProviderChunk, ProviderError } from "./provider.ts";

export const openai: Provider = {
  async *stream(call) {
    let begun = false;
    try {
      const client = clientOf(call.candidate, call.apiKey);
      const model = await modelName(client, call);
      const chunks = await client.chat.completions.create(requestOf(call, model), {
        signal: call.signal,
      });
      let answeredBy: string | undefined;
      for await (const chunk of chunks) {
        begun = true;
        if (chunk.model && chunk.model !== answeredBy) {
          answeredBy = chunk.model;
          yield { type: "model", model: chunk.model };
        }
        yield* mapChunk(chunk);
      }
    } catch (error) {
      throw toProviderError(error, begun, call.candidate);
    }
  },

  // OpenAI's own models begin a new message instead.
  continuation: (candidate) => candidate.vllm ? "native" : "instruct",

  async contextTokens(call) {
    if (!call.candidate.vllm) return undefined;
    try {
      return (await listedModel(clientOf(call.candidate, call.apiKey), call))?.contextTokens;
    } catch {
      // Why the server does not answer is told by the call itself.
      return undefined;
    }
  },
};

const clientOf = cacheClients(({ baseUrl }, apiKey) =>
  new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey ?? "none",
    // A server without keys should not be sent a made-up one.
    ...(apiKey === undefined && { defaultHeaders: { authorization: null } }),
    maxRetries: 0,
    timeout: noTimeoutMs,
    fetchOptions: connectionPool({ baseUrl }),
    logLevel: "off",
  })
);

function requestOf(call: ProviderCall, model: string): ChatCompletionCreateParamsStreaming {
  const { candidate, systemPrompt, messages, partialText } = call;
  return {
    ...candidate.parameters,
    ...mapRequest(call),
    ...mapParameters(call),
    model,
    messages: [
      ...(systemPrompt ? [{ role: "system" as const, content: systemPrompt }] : []),
      ...messages.map(mapMessage),
      ...(partialText ? [{ role: "assistant" as const, content: partialText }] : []),
    ],
    stream: true,
    stream_options: {
      include_usage: true,
      // So that an attempt that is cut off still knows what it cost.
      ...(candidate.vllm && { continuous_usage_stats: true }),
    },
    ...(partialText && { continue_final_message: true, add_generation_prompt: false }),
  };
}

function mapParameters({ candidate, parameters }: ProviderCall) {
  const { temperature, topP, maxTokens, seed, stop } = parameters;
  // OpenAI's reasoning models refuse the old name; compatible servers know it alone.
  const limit = candidate.baseUrl === undefined ? "max_completion_tokens" : "max_tokens";
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { [limit]: maxTokens }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { stop }),
  };
}

function* mapChunk(chunk: ChatCompletionChunk): Generator<ProviderChunk> {
  if (chunk.usage) yield { type: "usage", usage: mapUsage(chunk.usage) };
  const [choice] = chunk.choices;
  if (choice === undefined) return;
  // vLLM and others put reasoning beside the content, under one of two names.
  const delta: typeof choice.delta & { reasoning?: string; reasoning_content?: string } =
    choice.delta;
  const reasoning = delta.reasoning ?? delta.reasoning_content;
  if (reasoning) yield { type: "reasoning", text: reasoning };
  if (delta.content) yield { type: "text", text: delta.content };
  for (const { index, id, function: called } of delta.tool_calls ?? []) {
    const { name, arguments: text = "" } = called ?? {};
    yield { type: "tool-call", delta: { index, id, name, arguments: text } };
  }
  if (delta.refusal) throw new ProviderError({ class: "refused", message: delta.refusal });
  if (choice.finish_reason) {
    yield { type: "finish", finishReason: mapFinishReason(choice.finish_reason) };
  }
}

function mapUsage(usage: OpenAI.CompletionUsage): Usage {
  return {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

/** @throws ProviderError for reasons that mean that there is no proper answer. */
function mapFinishReason(raw: string): FinishReason {
  switch (raw) {
    case "stop":
    case "length":
      return { unified: raw, raw };
    case "tool_calls":
    case "function_call":
      return { unified: "tool-calls", raw };
    case "content_filter":
      throw new ProviderError({
        class: "refused",
        message: "The provider's content filter stopped the answer",
      });
    case "abort":
    case "error":
      // vLLM that is put to sleep, or whose engine fails, ends its streams so.
      throw new ProviderError({
        class: "cut-off",
        message: `The server broke off the answer (finish reason ${raw})`,
      });
    default:
      return { unified: "other", raw };
  }
}

function toProviderError(error: unknown, begun: boolean, { provider }: Candidate): ProviderError {
  if (error instanceof ProviderError) return error;
  if (error instanceof APIConnectionError || !(error instanceof APIError)) {
    return connectionFailure(provider, error, begun);
  }
  return new ProviderError(mapApiError(error, begun, provider), { cause: error });
}

function mapApiError(error: APIError, begun: boolean, provider: string): Failure {
  const { message, headers } = error;
  // An error inside the stream has no status; vLLM puts it into the code.
  const status = error.status ?? (typeof error.code === "number" ? error.code : 500);
  const specific = specificClass(error);
  const failure = mapHttpFailure({ provider, status, headers, message, specific });
  if (error.status !== undefined) return failure;
  const failureClass = begun && failure.class === "overloaded" ? "cut-off" : failure.class;
  return {
    class: failureClass,
    message: failureMessage({ class: failureClass, provider, status: undefined, message }),
  };
}

/** What OpenAI's codes tell more exactly than the status does. */
const classesByCode: Record<string, FailureClass> = {
  context_length_exceeded: "context-too-long",
  content_policy_violation: "refused",
  content_filter: "refused",
  invalid_prompt: "refused",
  insufficient_quota: "bad-credentials",
  credit_balance_exhausted: "bad-credentials",
  rate_limit_exceeded: "rate-limited",
};

function specificClass({ code, status, message }: APIError): FailureClass | undefined {
  if (status === 400 && isContextTooLong(message)) return "context-too-long";
  // A single request beyond the limit of a minute never passes, however long one waits.
  if (status === 429 && /request too large/i.test(message)) return "context-too-long";
  return typeof code === "string" ? classesByCode[code] : undefined;
}
