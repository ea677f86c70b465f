/** A turn as Anthropic's message: whole, or as it begins in a stream. */
import type { TurnState } from "../../events/contract/conversation.ts";
import type { ToolCall } from "../../events/contract/tool_call.ts";
import { type FinishReason, noUsage, type Usage } from "../../events/contract/usage.ts";

const idPrefix = "msg_";

/** @returns The turn's id, whether or not it stands there as a message's. */
export function turnIdOf(messageId: string): string {
  return messageId.startsWith(idPrefix) ? messageId.slice(idPrefix.length) : messageId;
}

/** @param turn One that has ended. */
export function messageOf(turn: TurnState) {
  const { turnId, text, reasoning, toolCalls = [], finishReason, usage } = turn;
  return {
    ...emptyMessage(turnId, turn.attempts.at(-1)?.model ?? turn.route),
    content: [
      ...(reasoning ? [{ ...thinkingBlock, thinking: reasoning }] : []),
      ...(text ? [{ ...textBlock, text }] : []),
      ...toolCalls.map((call) => ({ ...toolUseBlock(call), input: inputOf(call) })),
    ],
    stop_reason: mapStopReason(finishReason),
    usage: mapUsage(usage),
  };
}

/** @param model The model that answers, by its name in `/v1/models`. */
export function emptyMessage(turnId: string, model: string) {
  return {
    id: idPrefix + turnId,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: mapUsage(noUsage),
  };
}

/** Blocks as they begin. */
export const textBlock = { type: "text", text: "", citations: null };
/** Without a signature, as it is not known whether Anthropic had the thoughts. */
export const thinkingBlock = { type: "thinking", thinking: "", signature: "" };
export function toolUseBlock({ id, name }: Pick<ToolCall, "id" | "name">) {
  return { type: "tool_use", id, name, input: {} };
}

/** An answer that someone stopped ends as one that was done: Anthropic has no word for it. */
export function mapStopReason(reason: FinishReason | null): string {
  switch (reason?.unified) {
    case "length":
      return "max_tokens";
    case "tool-calls":
      return "tool_use";
    default:
      return reason?.raw === "stop_sequence" ? "stop_sequence" : "end_turn";
  }
}

/** Counts all attempts of the turn. Anthropic counts what was read from a cache beside the input. */
export function mapUsage({ inputTokens, outputTokens, cachedTokens }: Usage) {
  return {
    input_tokens: inputTokens - cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
    output_tokens: outputTokens,
  };
}

/** What a model wrote that is no JSON is kept as it is: whoever asked must see it. */
function inputOf({ arguments: text }: ToolCall): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return text;
  }
}
