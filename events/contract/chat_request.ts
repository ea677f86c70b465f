/**
 * What a caller of the API for programs asks: whole messages, tools and the form of the answer, in words that every
 * provider kind maps to its own. It travels with the message of its turn. A turn that a person sent has none: its
 * messages are the turns before it.
 */
import type { ToolCall } from "./tool_call.ts";

export interface ChatRequest {
  /** All that the model is to know, from the oldest to the last one. At least one. */
  messages: ChatMessage[];
  tools?: Tool[];
  /** Whether a tool is to be called: the model's choice where it is absent. */
  toolChoice?: ToolChoice;
  /** Whether the model may call several tools at once. */
  parallelToolCalls?: boolean;
  responseFormat?: ResponseFormat;
  /** Fields that Turnlog does not know: sent as they are to providers of this kind, and to no other. */
  passthrough?: { kind: "openai" | "anthropic"; fields: Record<string, unknown> };
}

export type ChatMessage =
  | { role: "system"; content: Content }
  | { role: "user"; content: Content }
  | { role: "assistant"; content: Content; toolCalls?: ToolCall[] }
  /** What a tool answered. */
  | { role: "tool"; toolCallId: string; content: Content; isError?: boolean };

/** A text, or the parts of a message that is more than one. */
export type Content = string | ContentPart[];

export type ContentPart =
  | { type: "text"; text: string }
  /** @property url `https:` or `data:`. */
  | { type: "image"; url: string; detail?: "auto" | "low" | "high" };

export interface Tool {
  name: string;
  description?: string;
  /** A JSON schema of the arguments; a tool without one takes none. */
  parameters?: Record<string, unknown>;
  /** Whether the arguments must follow the schema to the letter. */
  strict?: boolean;
}

export type ToolChoice = "auto" | "none" | "required" | { name: string };

export type ResponseFormat =
  | { type: "json" }
  | {
    type: "json-schema";
    name: string;
    description?: string;
    schema: Record<string, unknown>;
    strict?: boolean;
  };

/** @returns The texts of a message, without its images. */
export function textOf(content: Content): string {
  if (typeof content === "string") return content;
  return content.flatMap((part) => part.type === "text" ? [part.text] : []).join("\n");
}
