/** A request of Anthropic's messages in Turnlog's words. */
import type { GenerationParameters } from "../../events/contract/call_settings.ts";
import type {
  ChatMessage,
  ChatRequest,
  Content,
  ContentPart,
  ToolChoice,
} from "../../events/contract/chat_request.ts";
import type { ProgramCall } from "../program_turns.ts";
import { type MessageRequest, unknownFields } from "./request_schema.ts";

type GivenMessage = MessageRequest["messages"][number];
type Blocks<Role> = Exclude<Extract<GivenMessage, { role: Role }>["content"], string>;

export function mapRequest(body: MessageRequest): ProgramCall {
  return { model: body.model, request: mapBody(body), parameters: mapParameters(body) };
}

function mapBody(body: MessageRequest): ChatRequest {
  const { system, tools, tool_choice } = body;
  const { format, ...outputConfig } = body.output_config ?? {};
  const fields = {
    ...unknownFields(body),
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
  };
  return {
    messages: [
      ...(system?.length ? [{ role: "system" as const, content: system }] : []),
      ...body.messages.flatMap(mapMessage),
    ],
    ...(tools?.length && {
      tools: tools.map(({ type: _, input_schema, ...tool }) => ({
        ...tool,
        parameters: input_schema,
      })),
    }),
    ...(tool_choice && mapToolChoice(tool_choice)),
    ...(format && {
      responseFormat: { type: "json-schema", name: "answer", schema: format.schema },
    }),
    ...(Object.keys(fields).length > 0 && { passthrough: { kind: "anthropic", fields } }),
  };
}

function mapMessage(message: GivenMessage): ChatMessage[] {
  switch (message.role) {
    case "system":
      return [message];
    case "user": {
      const { role, content } = message;
      return typeof content === "string" ? [{ role, content }] : mapUserBlocks(content);
    }
    case "assistant": {
      const { role, content } = message;
      return [typeof content === "string" ? { role, content } : mapAssistantBlocks(content)];
    }
  }
}

/** What tools answered stands with Anthropic among the user's words; here, as with OpenAI, it comes before them. */
function mapUserBlocks(blocks: Blocks<"user">): ChatMessage[] {
  const results = blocks.flatMap((block): ChatMessage[] =>
    block.type !== "tool_result" ? [] : [{
      role: "tool",
      toolCallId: block.tool_use_id,
      content: mapResult(block.content ?? ""),
      ...(block.is_error && { isError: true }),
    }]
  );
  const parts = blocks.flatMap((block) => block.type === "tool_result" ? [] : [mapPart(block)]);
  return parts.length > 0 ? [...results, { role: "user", content: parts }] : results;
}

function mapAssistantBlocks(blocks: Blocks<"assistant">): ChatMessage {
  const content = blocks.flatMap((block) => block.type === "text" ? [block] : []);
  const toolCalls = blocks.flatMap((block) =>
    block.type === "tool_use"
      ? [{ id: block.id, name: block.name, arguments: JSON.stringify(block.input ?? {}) }]
      : []
  );
  return { role: "assistant", content, ...(toolCalls.length > 0 && { toolCalls }) };
}

type GivenPart = Exclude<Blocks<"user">[number], { type: "tool_result" }>;

function mapResult(content: string | GivenPart[]): Content {
  return typeof content === "string" ? content : content.map(mapPart);
}

function mapPart(block: GivenPart): ContentPart {
  if (block.type === "text") return block;
  const { source } = block;
  const url = source.type === "url"
    ? source.url
    : `data:${source.media_type};base64,${source.data}`;
  return { type: "image", url };
}

function mapToolChoice(
  choice: NonNullable<MessageRequest["tool_choice"]>,
): Pick<ChatRequest, "toolChoice" | "parallelToolCalls"> {
  const isOneAtATime = choice.type !== "none" && choice.disable_parallel_tool_use === true;
  return {
    toolChoice: choice.type === "tool" ? { name: choice.name } : toolChoices[choice.type],
    ...(isOneAtATime && { parallelToolCalls: false }),
  };
}

const toolChoices = { auto: "auto", any: "required", none: "none" } satisfies Record<
  string,
  ToolChoice
>;

function mapParameters(
  { max_tokens, temperature, top_p, stop_sequences }: MessageRequest,
): GenerationParameters {
  return {
    maxTokens: max_tokens,
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { topP: top_p }),
    ...(stop_sequences?.length && { stop: stop_sequences }),
  };
}
