/** What may stand in the body of `POST /v1/messages`. */
import { z } from "@hono/zod-openapi";

/** More messages than any model's context holds. */
const messagesMax = 10_000;
const toolsMax = 128;
const stopMax = 16;

const textBlock = z.object({ type: z.literal("text"), text: z.string() });
const imageBlock = z.object({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [
    z.object({
      type: z.literal("base64"),
      media_type: z.string().regex(/^image\/[a-z0-9.+-]+$/, "must be the media type of an image"),
      data: z.string(),
    }),
    z.object({
      type: z.literal("url"),
      url: z.string().regex(/^https?:\/\//, "must be an http(s):// address"),
    }),
  ]),
});
const toolUseBlock = z.object({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  input: z.unknown(),
});
const toolResultBlock = z.object({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([
    z.string(),
    z.array(z.discriminatedUnion("type", [textBlock, imageBlock])),
  ]).optional(),
  is_error: z.boolean().nullish(),
});
/** Taken and left out: a model's thoughts are signed for the provider that had them. */
const thinkingBlock = z.object({ type: z.enum(["thinking", "redacted_thinking"]) });

const system = z.union([z.string(), z.array(textBlock)]);

const message = z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), content: system }),
  z.object({
    role: z.literal("user"),
    content: z.union([
      z.string(),
      z.array(z.discriminatedUnion("type", [textBlock, imageBlock, toolResultBlock])).min(1),
    ], "must be a text, or text, image and tool_result blocks"),
  }),
  z.object({
    role: z.literal("assistant"),
    content: z.union([
      z.string(),
      z.array(z.discriminatedUnion("type", [textBlock, toolUseBlock, thinkingBlock])),
    ], "must be a text, or text, tool_use and thinking blocks"),
  }),
]);

const jsonSchema = z.record(z.string(), z.unknown());

const tool = z.object({
  type: z.literal("custom", "only tools of one's own are supported").nullish(),
  name: z.string().min(1),
  description: z.string().optional(),
  input_schema: jsonSchema,
  strict: z.boolean().optional(),
});

const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const toolChoice = z.discriminatedUnion("type", [
  z.object({ type: z.literal("auto"), ...parallel }),
  z.object({ type: z.literal("any"), ...parallel }),
  z.object({ type: z.literal("tool"), name: z.string(), ...parallel }),
  z.object({ type: z.literal("none") }),
]);

const known = {
  model: z.string("name a model or a route; GET /v1/models lists them").min(1),
  max_tokens: z.int().min(1),
  messages: z.array(message).min(1, "at least one message is needed").max(messagesMax)
    .refine(
      (messages) => messages.some(({ role }) => role !== "system"),
      "a message of the user is needed",
    ),
  system: system.optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  stop_sequences: z.array(z.string()).max(stopMax).optional(),
  tools: z.array(tool).max(toolsMax).optional(),
  tool_choice: toolChoice.optional(),
  output_config: z.looseObject({
    format: z.object({ type: z.literal("json_schema"), schema: jsonSchema }).nullish(),
  }).optional(),
};

const knownNames = new Set(Object.keys(known));

export const messageRequest = z.looseObject(known).refine(
  ({ tools = [], tool_choice }) => tool_choice === undefined || tools.length > 0,
  { path: ["tool_choice"], error: "is only allowed while tools are given" },
).openapi("MessageRequest", {
  description: "As Anthropic defines it. Fields that are not listed here are sent as they are to " +
    "Anthropic, and to no other provider.",
});

export type MessageRequest = z.output<typeof messageRequest>;

/** @returns The fields that are not known here. */
export function unknownFields(body: MessageRequest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !knownNames.has(name)));
}
