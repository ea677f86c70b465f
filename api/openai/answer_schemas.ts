/** What the OpenAI-compatible routes answer, for the OpenAPI document. */
import { z } from "@hono/zod-openapi";

const completion = z.object({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.int(),
  model: z.string(),
  choices: z.array(z.object({
    index: z.literal(0),
    message: z.object({
      role: z.literal("assistant"),
      content: z.string().nullable(),
      reasoning_content: z.string().optional(),
      tool_calls: z.array(z.object({
        id: z.string(),
        type: z.literal("function"),
        function: z.object({ name: z.string(), arguments: z.string() }),
      })).optional(),
    }),
    finish_reason: z.enum(["stop", "length", "tool_calls"]),
  })),
  usage: z.object({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
  }),
}).openapi("ChatCompletion");

const error = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
  }),
}).openapi("OpenAiError");

export const errorAnswers = {
  default: { description: "An error", content: { "application/json": { schema: error } } },
};

export const completionAnswers = {
  200: {
    description: "The completion, or its chunks as server-sent events",
    content: { "application/json": { schema: completion }, "text/event-stream": {} },
  },
  ...errorAnswers,
};
