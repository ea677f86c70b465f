/** What the OpenAI-compatible routes take beside a body, and what they answer: for the OpenAPI document. */
import { z } from "@hono/zod-openapi";
import { jsonAnswer } from "../router.ts";

export const callHeaders = z.object({
  "idempotency-key": z.string().optional(),
  "x-turnlog-conversation-id": z.string().optional(),
  "x-turnlog-on-disconnect": z.enum(["continue", "stop"]).optional(),
});

export const resumeQuery = z.object({
  stream: z.enum(["true", "false"]).optional(),
  after: z.string().regex(/^\d{1,9}\.\d{1,9}$/, "must be attempt.sequence, such as 1.17")
    .optional(),
  include_usage: z.enum(["true", "false"]).optional(),
});

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

const model = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: z.int(),
  owned_by: z.string(),
  available: z.boolean(),
  reason: z.string().nullable(),
}).openapi("ListedModel");

const error = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
  }),
}).openapi("OpenAiError");

const errorAnswers = {
  default: { description: "An error", content: { "application/json": { schema: error } } },
};

export const completionAnswers = {
  200: {
    description: "The completion, or its chunks as server-sent events",
    content: { "application/json": { schema: completion }, "text/event-stream": {} },
  },
  ...errorAnswers,
};

export const modelListAnswers = {
  200: jsonAnswer(z.object({ object: z.literal("list"), data: z.array(model) }), "All of them"),
  ...errorAnswers,
};

export const modelAnswers = { 200: jsonAnswer(model, "The model or route"), ...errorAnswers };
