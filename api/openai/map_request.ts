/** A chat completion request in Turnlog's words. */
import type { GenerationParameters } from "../../events/contract/call_settings.ts";
import type {
  ChatMessage,
  ChatRequest,
  Content,
  ResponseFormat,
  Tool,
  ToolChoice,
} from "../../events/contract/chat_request.ts";
import type { ProgramCall } from "../program_turns.ts";
import { type CompletionRequest, unknownFields } from "./request_schema.ts";

export function mapRequest(body: CompletionRequest): ProgramCall {
  return { model: body.model, request: mapMessages(body), parameters: mapParameters(body) };
}

function mapMessages(body: CompletionRequest): ChatRequest {
  const { tools, tool_choice, parallel_tool_calls } = body;
  const responseFormat = mapResponseFormat(body.response_format);
  const fields = unknownFields(body);
  return {
    messages: body.messages.map(mapMessage),
    ...(tools?.length && { tools: tools.map(mapTool) }),
    ...(tool_choice && { toolChoice: mapToolChoice(tool_choice) }),
    ...(typeof parallel_tool_calls === "boolean" && { parallelToolCalls: parallel_tool_calls }),
    ...(responseFormat && { responseFormat }),
    ...(Object.keys(fields).length > 0 && { passthrough: { kind: "openai", fields } }),
  };
}

function mapMessage(message: CompletionRequest["messages"][number]): ChatMessage {
  switch (message.role) {
    case "system":
    // OpenAI's newer name for the same.
    case "developer":
      return { role: "system", content: message.content };
    case "user":
      return { role: "user", content: mapContent(message.content) };
    case "assistant": {
      const toolCalls = message.tool_calls?.map(({ id, function: called }) => ({ id, ...called }));
      return {
        role: "assistant",
        content: mapContent(message.content ?? ""),
        ...(toolCalls?.length && { toolCalls }),
      };
    }
    case "tool":
      return { role: "tool", toolCallId: message.tool_call_id, content: message.content };
  }
}

type GivenPart = Exclude<
  NonNullable<
    Extract<CompletionRequest["messages"][number], { role: "user" | "assistant" }>["content"]
  >,
  string
>[number];

function mapContent(content: string | GivenPart[]): Content {
  if (typeof content === "string") return content;
  return content.map((part) => {
    switch (part.type) {
      case "text":
        return part;
      case "image_url":
        return { type: "image", ...part.image_url };
      case "refusal":
        return { type: "text", text: part.refusal };
    }
  });
}

function mapTool({ function: tool }: NonNullable<CompletionRequest["tools"]>[number]): Tool {
  const { name, description, parameters, strict } = tool;
  return {
    name,
    ...(description && { description }),
    ...(parameters && { parameters }),
    ...(typeof strict === "boolean" && { strict }),
  };
}

function mapToolChoice(choice: NonNullable<CompletionRequest["tool_choice"]>): ToolChoice {
  return typeof choice === "string" ? choice : { name: choice.function.name };
}

function mapResponseFormat(format: CompletionRequest["response_format"]): ResponseFormat | null {
  switch (format?.type) {
    case "json_object":
      return { type: "json" };
    case "json_schema": {
      const { strict, ...schema } = format.json_schema;
      return {
        type: "json-schema",
        ...schema,
        ...(typeof strict === "boolean" && { strict }),
      };
    }
    default:
      return null;
  }
}

function mapParameters(body: CompletionRequest): GenerationParameters {
  const { temperature, top_p, seed, stop } = body;
  const maxTokens = body.max_completion_tokens ?? body.max_tokens;
  const stops = typeof stop === "string" ? [stop] : stop ?? [];
  return {
    ...(typeof temperature === "number" && { temperature }),
    ...(typeof top_p === "number" && { topP: top_p }),
    ...(typeof maxTokens === "number" && { maxTokens }),
    ...(typeof seed === "number" && { seed }),
    ...(stops.length > 0 && { stop: stops }),
  };
}
