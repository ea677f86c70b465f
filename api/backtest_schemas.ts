/** The requests and answers about backtests. */
import { z } from "@hono/zod-openapi";
import type { BacktestView } from "../events/contract/backtest.ts";
import { momentForms, readMoment } from "./moment.ts";
import { generationParameters } from "./schemas.ts";

/** The most turns of one backtest. */
const limitMax = 100_000;
const turnsPerMinuteMax = 6000;
const concurrencyMax = 100;
/** The longest system prompt, in UTF-16 code units. It travels in the input of every turn's workflow. */
const systemPromptLengthMax = 50_000;

const moment = z.string().refine((text) => readMoment(text) !== null, momentForms);
const name = z.string().min(1).max(100);

/** Made by clients: one id is one backtest. */
export const backtestId = z.string()
  .regex(/^[A-Za-z0-9._-]{1,60}$/, "may have up to 60 letters, digits and . _ -")
  .openapi({ example: "gpt-luna-2026-11" });

export const backtestParams = z.object({ backtestId });

export const newBacktest = z.strictObject({
  id: backtestId.optional().openapi({
    description: "Made by the client, so that a request can be repeated: one id is one backtest.",
  }),
  from: moment.openapi({
    description: "Turns that were sent from then on: ISO 8601, or how long ago, as in `7d`.",
    example: "7d",
  }),
  to: moment.optional().openapi({ description: "Turns that were sent before then; now." }),
  model: name.default("default").openapi({
    description: "The route or model that answers them again.",
  }),
  systemPrompt: z.string().min(1).max(systemPromptLengthMax).optional().openapi({
    description: "The system prompt under which it answers; the route's own where it is absent.",
  }),
  parameters: generationParameters.optional(),
  onlyRoute: name.optional().openapi({
    description: "Only turns for which this route or model was asked.",
  }),
  onlyModel: name.optional().openapi({ description: "Only turns that this model answered last." }),
  onlyConversation: z.string().min(1).max(300).optional(),
  share: z.number().gt(0, "must be above 0").max(1).default(1).openapi({
    description: "The share of the turns that is taken, by their ids: the same turns each time.",
  }),
  limit: z.int().min(1).max(limitMax).default(1000).openapi({
    description: "The most turns that are taken, the oldest first.",
  }),
  turnsPerMinute: z.number().min(0.1).max(turnsPerMinuteMax).default(60),
  concurrency: z.int().min(1).max(concurrencyMax).default(4).openapi({
    description: "How many turns are being answered at once.",
  }),
}).openapi("NewBacktest");

export type NewBacktest = z.output<typeof newBacktest>;

const time = z.iso.datetime();

export const backtestView = z.object({
  id: z.string(),
  status: z.enum(["running", "completed", "stopped", "failed"]),
  workflowId: z.string(),
  startedAt: time,
  endedAt: time.nullable(),
  model: z.string(),
  hasSystemPrompt: z.boolean(),
  selection: z.object({
    from: time,
    to: time,
    route: z.string().optional(),
    lastModel: z.string().optional(),
    conversationId: z.string().optional(),
    share: z.number(),
    limit: z.int(),
  }),
  rate: z.object({ turnsPerMinute: z.number(), concurrency: z.int() }),
  progress: z.object({
    selected: z.int().nullable(),
    started: z.int(),
    completed: z.int(),
    stopped: z.int(),
    failed: z.int(),
    skipped: z.int(),
  }),
}).openapi("Backtest") satisfies z.ZodType<BacktestView>;
