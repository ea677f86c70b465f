/** What may stand in the body of `POST /v1/chat/completions`. */
import { z } from "@hono/zod-openapi";

/** More messages than any model's context holds. */
const messagesMax = 10_000;
/** OpenAI's own limit. */
const toolsMax = 128;
const stopMax = 16;

const textPart = z.object({ type: z.literal("text"), text: z.string() });
const imagePart = z.object({
  type: z.literal("image_url"),
  image_url: z.object({
    url: z.string().regex(
      /^(https?:\/\/|data:image\/)/,
      "must be an http(s):// address or a data: URL of an image",
    ),
    detail: z.enum(["auto", "low", "high"]).optional(),
  }),
});
const refusalPart = z.object({ type: z.literal("refusal"), refusal: z.string() });
const content = z.union([z.string(), z.array(textPart)], "must be a text, or text parts");

const toolCall = z.object({
  id: z.string(),
  type: z.literal("function", "only function tools are supported"),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const message = z.discriminatedUnion("role", [
  z.object({ role: z.enum(["system", "developer"]), content }),
  z.object({
    role: z.literal("user"),
    content: z.union([
      z.string(),
      z.array(z.discriminatedUnion("type", [textPart, imagePart])).min(1),
    ], "must be a text, or text parts and image_url parts"),
  }),
  z.object({
    role: z.literal("assistant"),
    content: z.union([z.string(), z.array(z.discriminatedUnion("type", [textPart, refusalPart]))])
      .nullish(),
    tool_calls: z.array(toolCall).max(toolsMax).nullish(),
  }),
  z.object({ role: z.literal("tool"), tool_call_id: z.string(), content }),
]);

const jsonSchema = z.record(z.string(), z.unknown());

const tool = z.object({
  type: z.literal("function", "only function tools are supported"),
  function: z.object({
    name: z.string().min(1),
    description: z.string().nullish(),
    parameters: jsonSchema.nullish(),
    strict: z.boolean().nullish(),
  }),
});

const toolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.object({ type: z.literal("function"), function: z.object({ name: z.string() }) }),
], "must be none, auto, required, or a function tool by its name");

const responseFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    json_schema: z.object({
      name: z.string(),
      description: z.string().optional(),
      schema: jsonSchema.default({}),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** For what OpenAI answers in parts that Turnlog does not carry: refused, as nobody should wait for it in vain. */
function absent(why: string) {
  return z.union([z.null(), z.literal(false)], why).optional();
}

/** A field that is null counts as absent, as at OpenAI. */
const known = {
  model: z.string("name a model or a route; GET /v1/models lists them").min(1),
  messages: z.array(message).min(1, "at least one message is needed").max(messagesMax),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(stopMax)]).nullish(),
  n: z.literal(1, "only one answer can be asked for at once; call several times for more")
    .nullish(),
  tools: z.array(tool).max(toolsMax).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
  modalities: z.array(z.literal("text", "only text is answered")).nullish(),
  audio: absent("only text is answered"),
  logprobs: absent("log probabilities are not answered"),
  functions: absent("use tools"),
  function_call: absent("use tool_choice"),
};

const knownNames = new Set(Object.keys(known));

export const completionRequest = z.looseObject(known).refine(
  ({ tools, tool_choice }) => (tool_choice ?? null) === null || (tools ?? []).length > 0,
  { path: ["tool_choice"], error: "is only allowed when tools are given" },
).openapi("ChatCompletionRequest", {
  description: "As OpenAI defines it. Fields that are not listed here are sent as they are to " +
    "providers that speak OpenAI's API, and to no others.",
});

export type CompletionRequest = z.output<typeof completionRequest>;

/** @returns The fields that are not known here. */
export function unknownFields(body: CompletionRequest): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(([name, value]) => !knownNames.has(name) && value !== null),
  );
}
