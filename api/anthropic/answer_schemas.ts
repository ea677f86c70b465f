/** What the Anthropic-compatible routes answer, for the OpenAPI document. */
import { z } from "@hono/zod-openapi";

const message = z.object({
  id: z.string(),
  type: z.literal("message"),
  role: z.literal("assistant"),
  model: z.string(),
  content: z.array(z.discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text: z.string() }),
    z.object({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
    z.object({
      type: z.literal("tool_use"),
      id: z.string(),
      name: z.string(),
      input: z.unknown(),
    }),
  ])),
  stop_reason: z.enum(["end_turn", "max_tokens", "stop_sequence", "tool_use"]),
  stop_sequence: z.null(),
  usage: z.object({
    input_tokens: z.int(),
    cache_creation_input_tokens: z.int(),
    cache_read_input_tokens: z.int(),
    output_tokens: z.int(),
  }),
}).openapi("Message");

const error = z.object({
  type: z.literal("error"),
  error: z.object({ type: z.string(), message: z.string() }),
}).openapi("AnthropicError");

export const messageAnswers = {
  200: {
    description: "The message, or its events as server-sent events",
    content: { "application/json": { schema: message }, "text/event-stream": {} },
  },
  default: { description: "An error", content: { "application/json": { schema: error } } },
};
