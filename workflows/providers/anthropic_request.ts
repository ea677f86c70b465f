/** A request in Anthropic's words: system texts apart from the messages, tools, and what a tool answered as the user's. */
import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  OutputConfig,
  TextBlockParam,
  ToolChoice as AnthropicToolChoice,
} from "@anthropic-ai/sdk/resources";
import {
  type ChatMessage,
  type ChatRequest,
  type Content,
  type ContentPart,
  textOf,
} from "../../events/contract/chat_request.ts";
import type { ToolCall } from "../../events/contract/tool_call.ts";
import { ProviderError } from "./provider.ts";

/** Anthropic takes no wish for JSON without a schema. */
const jsonInstruction = "Answer with one JSON object and nothing else.";

/** @returns The system texts, wherever they stand among the messages: Anthropic takes them before all of these. */
export function systemOf(
  { systemPrompt, messages, responseFormat }: ChatRequest & { systemPrompt: string | undefined },
): { system?: string } {
  const texts = messages.flatMap(({ role, content }) => role === "system" ? [textOf(content)] : []);
  const all = [
    systemPrompt,
    ...texts,
    responseFormat?.type === "json" && jsonInstruction,
  ].filter((text) => text);
  return all.length > 0 ? { system: all.join("\n\n") } : {};
}

/** @throws ProviderError where the arguments of a tool call are no JSON object. */
export function mapMessages(messages: readonly ChatMessage[]): MessageParam[] {
  const mapped: { role: "user" | "assistant"; content: ContentBlockParam[] }[] = [];
  for (const message of messages) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const last = mapped.at(-1);
    // What several tools answered belongs into one message.
    if (last?.role === role) last.content.push(...blocksOf(message));
    else mapped.push({ role, content: blocksOf(message) });
  }
  return mapped.map(({ role, content }) => {
    const [first, ...others] = content;
    return { role, content: first?.type === "text" && !others.length ? first.text : content };
  });
}

/** All but the messages. What Turnlog does not know comes first, so that it replaces nothing. */
export function mapRequest(request: ChatRequest): Partial<MessageCreateParamsStreaming> {
  const { tools, responseFormat, passthrough } = request;
  const fields: Record<string, unknown> & { output_config?: OutputConfig } =
    passthrough?.kind === "anthropic" ? passthrough.fields : {};
  return {
    ...fields,
    ...(tools && {
      tools: tools.map(({ name, description, parameters, strict }) => ({
        name,
        ...(description !== undefined && { description }),
        input_schema: { type: "object" as const, ...parameters },
        ...(strict !== undefined && { strict }),
      })),
    }),
    ...mapToolChoice(request),
    ...(responseFormat?.type === "json-schema" && {
      output_config: {
        ...fields.output_config,
        format: { type: "json_schema" as const, schema: responseFormat.schema },
      },
    }),
  };
}

function blocksOf(message: ChatMessage): ContentBlockParam[] {
  if (message.role === "tool") {
    return [{
      type: "tool_result",
      tool_use_id: message.toolCallId,
      content: mapContent(message.content),
      ...(message.isError && { is_error: true }),
    }];
  }
  const toolCalls = message.role === "assistant" ? message.toolCalls ?? [] : [];
  return [...mapContent(message.content), ...toolCalls.map(mapToolCall)];
}

function mapContent(content: Content): (TextBlockParam | ImageBlockParam)[] {
  const parts: ContentPart[] = typeof content === "string"
    ? [{ type: "text", text: content }]
    : content;
  // Anthropic refuses empty texts.
  return parts.filter((part) => part.type !== "text" || part.text !== "").map(mapPart);
}

function mapPart(part: ContentPart): TextBlockParam | ImageBlockParam {
  if (part.type === "text") return { type: "text", text: part.text };
  const [, media_type, data] = /^data:([^;,]+);base64,(.*)$/s.exec(part.url) ?? [];
  if (data === undefined) return { type: "image", source: { type: "url", url: part.url } };
  // Which types there are is for Anthropic to say.
  return { type: "image", source: { type: "base64", media_type: media_type as "image/png", data } };
}

function mapToolCall({ id, name, arguments: text }: ToolCall): ContentBlockParam {
  return { type: "tool_use", id, name, input: parseArguments(name, text) };
}

function parseArguments(name: string, text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new ProviderError({
      class: "bad-request",
      message: `The arguments of an earlier call of the tool ${name} are not JSON`,
    }, { cause: error });
  }
}

function mapToolChoice(
  { tools, toolChoice, parallelToolCalls }: ChatRequest,
): { tool_choice?: AnthropicToolChoice } {
  const isOneAtATime = parallelToolCalls === false && tools !== undefined;
  if (toolChoice === undefined && !isOneAtATime) return {};
  const limit = isOneAtATime ? { disable_parallel_tool_use: true } : {};
  switch (toolChoice) {
    case "none":
      return { tool_choice: { type: "none" } };
    case "required":
      return { tool_choice: { type: "any", ...limit } };
    case "auto":
    case undefined:
      return { tool_choice: { type: "auto", ...limit } };
    default:
      return { tool_choice: { type: "tool", name: toolChoice.name, ...limit } };
  }
}
