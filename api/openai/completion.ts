/** A turn as OpenAI's chat completion: whole, or in the chunks of a stream. */
import type { TurnState } from "../../events/contract/conversation.ts";
import type { FinishReason, Usage } from "../../events/contract/usage.ts";

/** What every chunk of one completion repeats. */
export interface CompletionHead {
  id: string;
  /** Seconds since 1970. */
  created: number;
  /** The model that answers, by its name in `/v1/models`. */
  model: string;
}

const idPrefix = "chatcmpl-";

export function completionHead(turnId: string, sentAt: string, model: string): CompletionHead {
  return { id: idPrefix + turnId, created: Math.floor(Date.parse(sentAt) / 1000), model };
}

/** @returns The turn's id, whether or not it stands there as a completion's. */
export function turnIdOf(completionId: string): string {
  return completionId.startsWith(idPrefix) ? completionId.slice(idPrefix.length) : completionId;
}

/** @param turn One that has ended. */
export function completionOf(turn: TurnState) {
  const { turnId, sentAt, text, reasoning, toolCalls, finishReason, usage } = turn;
  return {
    ...completionHead(turnId, sentAt, turn.attempts.at(-1)?.model ?? turn.route),
    object: "chat.completion",
    choices: [{
      index: 0,
      message: {
        role: "assistant",
        content: toolCalls && text === "" ? null : text,
        refusal: null,
        ...(reasoning && { reasoning_content: reasoning }),
        ...(toolCalls && {
          tool_calls: toolCalls.map(({ id, ...called }) => ({
            id,
            type: "function",
            function: called,
          })),
        }),
      },
      logprobs: null,
      finish_reason: mapFinishReason(finishReason),
    }],
    usage: mapUsage(usage),
  };
}

/** A chunk whose choice has this delta. @param usage Null where it comes with a chunk of its own. */
export function completionChunk(
  { id, created, model }: CompletionHead,
  delta: Record<string, unknown>,
  finish_reason: string | null,
  usage?: null,
) {
  return {
    id,
    object: "chat.completion.chunk",
    created,
    model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...(usage === null && { usage }),
  };
}

/** The last chunk, for those who asked for it. */
export function usageChunk({ id, created, model }: CompletionHead, usage: Usage) {
  return {
    id,
    object: "chat.completion.chunk",
    created,
    model,
    choices: [],
    usage: mapUsage(usage),
  };
}

/** An answer that someone stopped ends as one that was done: OpenAI has no word for it. */
export function mapFinishReason(reason: FinishReason | null): string {
  switch (reason?.unified) {
    case "length":
      return "length";
    case "tool-calls":
      return "tool_calls";
    default:
      return "stop";
  }
}

/** Counts all attempts of the turn, as they were all paid for. */
function mapUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: Usage) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}
