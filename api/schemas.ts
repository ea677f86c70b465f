/** The requests and answers of the API: they check what comes in, and make the OpenAPI document. */
import { z } from "@hono/zod-openapi";
import {
  analystFormats,
  type AnalystRows,
  type AnalystTable,
  type AnalyticsDefinition,
  type AnalyticsRows,
  type AnalyticsView,
  type ConversationDetail,
  type ConversationView,
  type ModelView,
  type Problem,
  type TurnAccepted,
  type TurnView,
} from "../events/contract/api.ts";
import type { Comparison } from "../events/contract/comparison.ts";
import type { ConsentState } from "../events/contract/consent.ts";
import { failureClasses } from "../events/contract/failure.ts";

/** The longest message, in UTF-16 code units. It travels in the input of a workflow, which Temporal limits to 2 MB. */
export const messageLengthMax = 200_000;
/** The longest statement of an analyst, in UTF-16 code units. */
const sqlLengthMax = 100_000;
const titleLengthMax = 200;
const searchLengthMax = 200;
const commentLengthMax = 5_000;

const time = z.iso.datetime().openapi({ example: "2026-11-23T08:00:00.000Z" });
const id = z.string().openapi({ example: "0198c0de-0000-7000-8000-000000000001" });
/** Made by clients: best a UUID, as it must be nobody else's. */
export const newId = z.string()
  .regex(/^[A-Za-z0-9._-]{1,100}$/, "may have up to 100 letters, digits and . _ -")
  // Nothing could be at such an address: clients take it for a step in the path.
  .refine((id) => id !== "." && id !== "..", "may not be . or ..")
  .openapi({ example: "0198c0de-0000-7000-8000-000000000001" });

export const conversationParams = z.object({ conversationId: id });
export const turnParams = z.object({ turnId: id });
export const comparisonParams = z.object({ firstTurnId: id, secondTurnId: id });

export const newConversation = z.strictObject({
  title: z.string().trim().min(1).max(titleLengthMax).optional(),
});

export const renameConversation = z.strictObject({
  title: z.string().trim().min(1, "a title needs at least one character").max(titleLengthMax),
});

export const conversationQuery = z.object({
  search: z.string().max(searchLengthMax).optional(),
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const generationParameters = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().gt(0).max(1).optional(),
  maxTokens: z.int().min(1).max(1_000_000).optional(),
  seed: z.int().optional(),
  stop: z.array(z.string().min(1).max(200)).min(1).max(4).optional(),
});

export const newTurn = z.strictObject({
  turnId: newId.optional().openapi({
    description: "Made by the client, so that a request can be repeated: one id is one turn.",
  }),
  text: z.string()
    .max(messageLengthMax, `a message may have ${messageLengthMax} characters at most`)
    .refine((text) => text.trim() !== "", "a message needs at least one character"),
  model: z.string().min(1).max(100).optional().openapi({
    description: "A route or a model; the route `default` where it is absent.",
    example: "default",
  }),
  parentTurnId: newId.nullable().optional().openapi({
    description:
      "The turn that this one follows: null for the root, the latest turn of the conversation where it is absent.",
  }),
  parameters: generationParameters.optional(),
});

export const regenerate = z.strictObject({
  turnId: newId.optional(),
  model: z.string().min(1).max(100).optional(),
});

export const modelChoice = z.strictObject({
  model: z.string().min(1).max(100).openapi({
    description: "A model or a route.",
    example: "default",
  }),
});

export const stop = z.strictObject({
  seenLength: z.int().min(0).optional().openapi({
    description:
      "How much of the answer the user had seen, in UTF-16 code units: what lies beyond is not kept.",
  }),
});

export const feedback = z.strictObject({
  rating: z.enum(["up", "down"]).nullable(),
  comment: z.string().max(commentLengthMax).nullable().optional(),
});

const winner = z.enum(["first", "second", "tie", "neither"]).openapi({
  description:
    "`first` or `second` is better, both are as good (`tie`), or none is any good (`neither`).",
});

export const vote = z.strictObject({ winner });

export const comparison = z.object({
  turnIds: z.tuple([id, id]),
  models: z.tuple([z.string(), z.string()]),
  winner,
}).openapi("Comparison") satisfies z.ZodType<Comparison>;

export const consentChange = z.strictObject({
  given: z.boolean().openapi({
    description: "Whether what you have written and been answered, and will be, may be exported.",
  }),
});

export const consentView = z.object({
  given: z.boolean(),
  since: time.nullable(),
}).openapi("Consent") satisfies z.ZodType<ConsentState>;

export const streamQuery = z.object({
  after: z.string().regex(/^\d{1,9}\.\d{1,9}$/, "must be attempt.sequence, such as 1.17")
    .optional(),
});

const usage = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  cachedTokens: z.int(),
  reasoningTokens: z.int(),
});
export const failure = z.object({
  class: z.enum(failureClasses),
  message: z.string(),
  status: z.int().optional(),
  retryAfterMs: z.number().optional(),
  contextTokens: z.int().optional(),
});
const finishReason = z.object({
  unified: z.enum(["stop", "length", "tool-calls", "stopped", "other"]),
  raw: z.string().nullable(),
});
const toolCall = z.object({ id: z.string(), name: z.string(), arguments: z.string() });
const price = z.object({
  input: z.number(),
  output: z.number(),
  cachedInput: z.number().optional(),
  version: z.string().optional(),
});

export const conversationView = z.object({
  id: id,
  title: z.string().nullable(),
  createdAt: time,
  updatedAt: time,
}).openapi("Conversation") satisfies z.ZodType<ConversationView>;

const attemptView = z.object({
  attempt: z.int(),
  provider: z.string(),
  model: z.string(),
  requestModel: z.string(),
  responseModel: z.string().nullable(),
  status: z.enum(["running", "completed", "stopped", "failed"]),
  isFallback: z.boolean(),
  reason: failure.nullable(),
  continues: z.int(),
  text: z.string(),
  reasoning: z.string(),
  toolCalls: z.array(toolCall).optional(),
  startedAt: time,
  endedAt: time.nullable(),
  timeToFirstTokenMs: z.number().nullable(),
  durationMs: z.number().nullable(),
  usage,
  isUsageEstimated: z.boolean().optional(),
  costUsd: z.number().nullable(),
  finishReason: finishReason.nullable(),
  error: failure.nullable(),
}).openapi("Attempt");

export const turnView = z.object({
  id: id,
  conversationId: id,
  parentTurnId: id.nullable(),
  regeneratedFrom: id.nullable(),
  route: z.string(),
  variants: z.record(z.string(), z.string()),
  message: z.string(),
  status: z.enum(["accepted", "running", "waiting", "completed", "stopped", "failed"]),
  text: z.string(),
  reasoning: z.string(),
  toolCalls: z.array(toolCall).optional(),
  attempts: z.array(attemptView),
  usage,
  costUsd: z.number().nullable(),
  finishReason: finishReason.nullable(),
  error: failure.nullable(),
  waiting: z.object({ until: time, reason: failure }).nullable(),
  feedback: z.object({ rating: z.enum(["up", "down"]).nullable(), comment: z.string().nullable() }),
  sentAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  durationMs: z.number().nullable(),
}).openapi("Turn") satisfies z.ZodType<TurnView>;

export const conversationDetail = conversationView.extend({
  turns: z.array(turnView),
  comparisons: z.array(comparison),
}).openapi("ConversationDetail") satisfies z.ZodType<ConversationDetail>;

export const turnAccepted = z.object({
  turnId: id,
  workflowId: z.string(),
  streamUrl: z.string(),
}).openapi("TurnAccepted") satisfies z.ZodType<TurnAccepted>;

export const modelView = z.object({
  name: z.string(),
  kind: z.enum(["model", "route"]),
  available: z.boolean(),
  reason: z.string().nullable(),
  simulated: z.boolean(),
  provider: z.string().nullable(),
  providerKind: z.enum(["openai", "anthropic", "simulated"]).nullable(),
  requestModel: z.string().nullable(),
  candidates: z.array(z.string()),
  contextTokens: z.int().nullable(),
  price: price.nullable(),
  state: z.enum(["awake", "asleep", "loading", "cooling-down"]).nullable(),
  adapters: z.array(z.string()),
  coolingDown: z.object({ until: time, reason: failure }).nullable(),
  inFlight: z.int().nullable(),
}).openapi("Model") satisfies z.ZodType<ModelView>;

const chartUnit = z.enum(["count", "ms", "tokens", "tokens/s", "usd", "ratio", "bytes", "points"]);

export const analyticsView = z.object({
  name: z.string(),
  title: z.string(),
  section: z.enum(["overview", "models", "reliability", "cost", "people", "ingestion"]),
  order: z.number(),
  description: z.string(),
  parameters: z.array(z.object({ name: z.string(), type: z.string() })),
  isForOperators: z.boolean(),
  remedy: z.object({ description: z.string(), command: z.string() }).optional(),
  chart: z.object({
    type: z.enum(["line", "bars", "stacked-bars", "table", "figures"]),
    x: z.string(),
    y: z.array(z.object({
      column: z.string(),
      title: z.string(),
      description: z.string().optional(),
      unit: chartUnit.optional(),
    })),
    series: z.string().optional(),
    turns: z.string().optional(),
    unit: chartUnit,
  }),
}).openapi("AnalyticsView") satisfies z.ZodType<AnalyticsView>;

export const analyticsRows = z.object({
  name: z.string(),
  parameters: z.record(z.string(), z.string()),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.record(z.string(), z.unknown())),
  isTruncated: z.boolean(),
}).openapi("AnalyticsRows") satisfies z.ZodType<AnalyticsRows>;

export const analystQuery = z.strictObject({
  sql: z.string()
    .max(sqlLengthMax, `must have ${sqlLengthMax} characters at most`)
    // As it is, so that the place of a mistake is the one that the analyst sees.
    .refine((sql) => sql.trim() !== "", "must have a statement"),
  format: z.enum(analystFormats).default("json"),
}).openapi("AnalystQuery");

export const analystRows = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.record(z.string(), z.unknown())),
  isTruncated: z.boolean(),
  rowsRead: z.int(),
  durationMs: z.number(),
}).openapi("AnalystRows") satisfies z.ZodType<AnalystRows>;

export const analystTable = z.object({
  name: z.string(),
  kind: z.enum(["table", "view"]),
  description: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string(), description: z.string() })),
  parameters: z.array(z.object({ name: z.string(), type: z.string() })),
}).openapi("AnalystTable") satisfies z.ZodType<AnalystTable>;

export const analyticsDefinition = z.object({
  name: z.string(),
  sql: z.string(),
}).openapi("AnalyticsDefinition") satisfies z.ZodType<AnalyticsDefinition>;

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({
    path: z.string(),
    message: z.string(),
    line: z.int().optional(),
    column: z.int().optional(),
  })).optional(),
}).openapi("Problem") satisfies z.ZodType<Problem>;

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}
