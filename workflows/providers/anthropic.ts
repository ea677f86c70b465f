/** Anthropic's messages. */
import Anthropic, { APIConnectionError, APIError } from "@anthropic-ai/sdk";
import type {
  MessageCreateParamsStreaming,
  MessageDeltaUsage,
  RawMessageStreamEvent,
  Usage as AnthropicUsage,
} from "@anthropic-ai/sdk/resources";
import type { Failure, FailureClass } from "../../events/contract/failure.ts";
import type { ToolCallDelta } from "../../events/contract/tool_call.ts";
import type { Candidate } from "../../events/contract/turn_plan.ts";
import type { FinishReason, Usage } from "../../events/contract/usage.ts";
import { mapMessages, mapRequest, systemOf } from "./anthropic_request.ts";
import { cacheClients, noTimeoutMs } from "./client_cache.ts";
import { connectionFailure } from "./connection_failure.ts";
import { connectionPool } from "./connection_pool.ts";
import { failureMessage } from "./failure_message.ts";
import { isContextTooLong, mapHttpFailure } from "./map_http_failure.ts";
import { type Provider, type ProviderCall, type ProviderChunk, ProviderError } from "./provider.ts";

/** Anthropic wants a limit; this one is used where the model's parameters name none. */
const outputTokensMax = 8192;

export const anthropic: Provider = {
  async *stream(call) {
    let begun = false;
    try {
      const client = clientOf(call.candidate, call.apiKey);
      const events = await client.messages.create(requestOf(call), { signal: call.signal });
      const answer = new AnswerReader();
      for await (const event of events) {
        begun = true;
        yield* answer.read(event);
      }
    } catch (error) {
      throw toProviderError(error, begun, call.candidate);
    }
  },

  // Current models refuse a conversation that ends with their own words.
  continuation: () => "instruct",
};

const clientOf = cacheClients(({ baseUrl }, apiKey) =>
  new Anthropic({
    baseURL: baseUrl,
    apiKey: apiKey ?? "none",
    authToken: null,
    maxRetries: 0,
    timeout: noTimeoutMs,
    fetchOptions: connectionPool({ baseUrl }),
    logLevel: "off",
  })
);

function requestOf(call: ProviderCall): MessageCreateParamsStreaming {
  // Anthropic knows no seed.
  const { temperature, topP, maxTokens, stop } = call.parameters;
  return {
    max_tokens: outputTokensMax,
    ...call.candidate.parameters,
    ...mapRequest(call),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stop !== undefined && { stop_sequences: stop }),
    model: call.candidate.requestModel,
    ...systemOf(call),
    messages: mapMessages(call.messages),
    stream: true,
  };
}

/** Puts together what Anthropic tells in pieces: the usage comes in two, the reason to stop before the end. */
class AnswerReader {
  #usage: Usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0 };
  #stopReason: string | null = null;
  /** How many tools are called so far. */
  #toolCalls = 0;
  /** Whether the block that is being told is a call without arguments so far. */
  #lacksArguments = false;

  *read(event: RawMessageStreamEvent): Generator<ProviderChunk> {
    switch (event.type) {
      case "message_start":
        yield { type: "model", model: event.message.model };
        // Its count of the output is a placeholder.
        yield this.#count({ ...event.message.usage, output_tokens: 0 });
        break;
      case "content_block_start":
        if (event.content_block.type === "tool_use") {
          const { id, name } = event.content_block;
          this.#toolCalls++;
          this.#lacksArguments = true;
          yield this.#toolCall({ id, name, arguments: "" });
        }
        break;
      case "content_block_stop":
        if (this.#lacksArguments) yield this.#toolCall({ arguments: "{}" });
        this.#lacksArguments = false;
        break;
      case "content_block_delta":
        if (event.delta.type === "input_json_delta" && event.delta.partial_json !== "") {
          this.#lacksArguments = false;
          yield this.#toolCall({ arguments: event.delta.partial_json });
        }
        if (event.delta.type === "text_delta") yield { type: "text", text: event.delta.text };
        if (event.delta.type === "thinking_delta") {
          yield { type: "reasoning", text: event.delta.thinking };
        }
        break;
      case "message_delta":
        this.#stopReason = event.delta.stop_reason;
        yield this.#count(event.usage);
        break;
      case "message_stop":
        yield { type: "finish", finishReason: mapStopReason(this.#stopReason) };
        break;
    }
  }

  #toolCall(delta: Omit<ToolCallDelta, "index">): ProviderChunk {
    return { type: "tool-call", delta: { index: this.#toolCalls - 1, ...delta } };
  }

  /** Anthropic counts the tokens of its cache beside the input; here they are a part of it. */
  #count(usage: AnthropicUsage | MessageDeltaUsage): ProviderChunk {
    // The second one leaves out what the first one told.
    if (usage.input_tokens !== null && usage.input_tokens !== undefined) {
      const cachedTokens = usage.cache_read_input_tokens ?? 0;
      this.#usage.cachedTokens = cachedTokens;
      this.#usage.inputTokens = usage.input_tokens + cachedTokens +
        (usage.cache_creation_input_tokens ?? 0);
    }
    this.#usage.outputTokens = usage.output_tokens;
    return { type: "usage", usage: { ...this.#usage } };
  }
}

/** @throws ProviderError where the model refused. */
function mapStopReason(raw: string | null): FinishReason {
  switch (raw) {
    case "end_turn":
    case "stop_sequence":
      return { unified: "stop", raw };
    case "max_tokens":
    case "model_context_window_exceeded":
      return { unified: "length", raw };
    case "tool_use":
      return { unified: "tool-calls", raw };
    case "refusal":
      throw new ProviderError({
        class: "refused",
        message: "The model refuses to answer this message",
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
  return new ProviderError(mapApiError(error, provider), { cause: error });
}

function mapApiError(error: APIError, provider: string): Failure {
  const { status, headers, message } = error;
  const specific = specificClass(error);
  if (status !== undefined) return mapHttpFailure({ provider, status, headers, message, specific });
  const failureClass = specific ?? "cut-off";
  return {
    class: failureClass,
    message: failureMessage({ class: failureClass, provider, status, message }),
  };
}

/** By the `type` of Anthropic's error, which also stands in errors inside a stream. */
function specificClass(error: APIError): FailureClass | undefined {
  switch (error.type) {
    case "overloaded_error":
    case "api_error":
      return "overloaded";
    case "rate_limit_error":
      return "rate-limited";
    case "authentication_error":
    case "permission_error":
    case "billing_error":
      return "bad-credentials";
    case "timeout_error":
      return "timed-out";
    case "invalid_request_error":
      return classOfInvalidRequest(error.message);
    default:
      return undefined;
  }
}

/** Anthropic's type for all that it does not accept; only the message tells the reasons apart. */
function classOfInvalidRequest(message: string): FailureClass | undefined {
  if (isContextTooLong(message)) return "context-too-long";
  if (/credit balance is too low/i.test(message)) return "bad-credentials";
  if (/content filtering policy/i.test(message)) return "refused";
  return undefined;
}
