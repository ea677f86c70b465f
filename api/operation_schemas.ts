/** The requests and answers of the routes for operators. */
import { z } from "@hono/zod-openapi";
import { failureClasses } from "../events/contract/failure.ts";
import {
  type OperationCount,
  operationStatuses,
  type OperationTurn,
  type OperationTurnDetail,
  type OperatorSession,
  retriedTurnsMax,
  type RetryRequest,
  type RetryView,
} from "../events/contract/operations.ts";
import { failure, newId } from "./schemas.ts";

const time = z.iso.datetime();
const name = z.string().min(1).max(100);
const errorClass = z.enum(failureClasses);

export const signIn = z.strictObject({ token: z.string().min(1).max(1000) });

export const operatorSession = z.object({
  access: z.enum(["open", "signed-in", "signed-out", "closed"]),
}).openapi("OperatorSession") satisfies z.ZodType<OperatorSession>;

export const turnQuery = z.object({
  status: z.enum(operationStatuses).default("failed"),
  conversation: z.string().max(100).optional(),
  errorClass: errorClass.optional(),
  model: name.optional(),
  provider: name.optional(),
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const attempt = z.object({
  attempt: z.int(),
  provider: z.string(),
  model: z.string(),
  requestModel: z.string(),
  status: z.enum(["running", "completed", "stopped", "failed"]),
  startedAt: time,
  endedAt: time.nullable(),
  durationMs: z.number().nullable(),
  error: failure.nullable(),
});

export const operationTurn = z.object({
  id: z.string(),
  conversationId: z.string(),
  userKey: z.string(),
  status: z.enum(["accepted", "running", "waiting", "completed", "stopped", "failed"]),
  route: z.string(),
  model: z.string().nullable(),
  provider: z.string().nullable(),
  attempts: z.int(),
  error: failure.nullable(),
  sentAt: time,
  since: time,
  nextTryAt: time.nullable(),
  workflowId: z.string(),
  temporalUrl: z.string().nullable(),
}).openapi("OperationTurn") satisfies z.ZodType<OperationTurn>;

export const operationTurnDetail = operationTurn.extend({
  tries: z.array(attempt),
  run: z.object({ runId: z.string(), status: z.string() }).nullable(),
}).openapi("OperationTurnDetail") satisfies z.ZodType<OperationTurnDetail>;

export const operationCount = z.object({
  status: z.enum(operationStatuses),
  errorClass: z.string(),
  model: z.string(),
  provider: z.string(),
  turns: z.int(),
}).openapi("OperationCount") satisfies z.ZodType<OperationCount>;

export const turnRetried = z.object({ runId: z.string(), temporalUrl: z.string().nullable() })
  .openapi("TurnRetried");

export const newRetry = z.strictObject({
  id: newId.optional().openapi({
    description: "Made by the client, so that a request can be repeated: one id is one retry.",
  }),
  errorClass: errorClass.optional(),
  model: name.optional(),
  provider: name.optional(),
  from: time.optional().openapi({ description: "Those that failed then or later" }),
  to: time.optional().openapi({ description: "Those that failed before" }),
  limit: z.int().min(1).max(retriedTurnsMax).default(retriedTurnsMax),
}) satisfies z.ZodType<RetryRequest & { id?: string }>;

export const retryParams = z.object({ retryId: newId });

export const retryView = z.object({
  id: z.string(),
  workflowId: z.string(),
  status: z.enum(["running", "completed", "failed"]),
  progress: z.object({
    found: z.int().nullable(),
    retried: z.int(),
    skipped: z.int(),
  }).nullable(),
  temporalUrl: z.string().nullable(),
}).openapi("Retry") satisfies z.ZodType<RetryView>;
