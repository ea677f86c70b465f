/** A request in OpenAI's words: messages with images and tools, and what is said about the answer's form. */
import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from "openai/resources";
import {
  type ChatMessage,
  type ChatRequest,
  type Content,
  type ContentPart,
  textOf,
  type Tool,
  type ToolChoice,
} from "../../events/contract/chat_request.ts";

export function mapMessage(message: ChatMessage): ChatCompletionMessageParam {
  switch (message.role) {
    case "system":
      return { role: "system", content: textOf(message.content) };
    case "user":
      return { role: "user", content: mapContent(message.content) };
    case "assistant": {
      const tool_calls = message.toolCalls?.map((call) => ({
        id: call.id,
        type: "function" as const,
        function: { name: call.name, arguments: call.arguments },
      }));
      const content = textOf(message.content);
      // Some servers refuse an empty text beside the calls.
      return tool_calls
        ? { role: "assistant", content: content || null, tool_calls }
        : { role: "assistant", content };
    }
    case "tool":
      return {
        role: "tool",
        tool_call_id: message.toolCallId,
        content: textOf(message.content),
      };
  }
}

/** All but the messages. What Turnlog does not know comes first, so that it replaces nothing. */
export function mapRequest(request: ChatRequest): Partial<ChatCompletionCreateParamsStreaming> {
  const { tools, toolChoice, parallelToolCalls, passthrough } = request;
  return {
    ...(passthrough?.kind === "openai" && passthrough.fields),
    ...(tools && { tools: tools.map(mapTool) }),
    ...(toolChoice && { tool_choice: mapToolChoice(toolChoice) }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    ...mapResponseFormat(request),
  };
}

function mapContent(content: Content): string | ChatCompletionContentPart[] {
  return typeof content === "string" ? content : content.map(mapPart);
}

function mapPart(part: ContentPart): ChatCompletionContentPart {
  if (part.type === "text") return part;
  const { url, detail } = part;
  return { type: "image_url", image_url: { url, ...(detail && { detail }) } };
}

function mapTool(tool: Tool) {
  return { type: "function" as const, function: tool };
}

function mapToolChoice(choice: ToolChoice) {
  if (typeof choice === "string") return choice;
  return { type: "function" as const, function: { name: choice.name } };
}

function mapResponseFormat(
  { responseFormat }: ChatRequest,
): Pick<ChatCompletionCreateParamsStreaming, "response_format"> {
  if (responseFormat === undefined) return {};
  if (responseFormat.type === "json") return { response_format: { type: "json_object" } };
  const { type: _, ...json_schema } = responseFormat;
  return { response_format: { type: "json_schema", json_schema } };
}
