/** Which tool a simulated model calls: one that it is told to call, with arguments made from the message. */
import type { ChatRequest } from "../../events/contract/chat_request.ts";
import type { ToolCall } from "../../events/contract/tool_call.ts";

/** The longest text that stands as an argument, in UTF-16 code units. */
const argumentLengthMax = 100;

/**
 * @param id Tells the call from those of other answers.
 * @returns Null where the model is free to call none: then it answers in words.
 */
export function simulateToolCall(
  { tools = [], toolChoice }: ChatRequest,
  message: string,
  id: string,
): ToolCall | null {
  const tool = toolChoice === "required"
    ? tools[0]
    : tools.find(({ name }) => typeof toolChoice === "object" && name === toolChoice.name);
  if (tool === undefined) return null;
  const { properties = {}, required = [] } = (tool.parameters ?? {}) as {
    properties?: Record<string, { type?: string }>;
    required?: string[];
  };
  const values = required.map((name) => [name, valueOf(properties[name]?.type, message)]);
  return { id, name: tool.name, arguments: JSON.stringify(Object.fromEntries(values)) };
}

function valueOf(type: string | undefined, message: string): unknown {
  switch (type) {
    case "integer":
    case "number":
      return message.length;
    case "boolean":
      return true;
    case "array":
      return [];
    case "object":
      return {};
    default:
      return message.slice(0, argumentLengthMax);
  }
}
