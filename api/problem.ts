/**
 * Errors as clients see them: `application/problem+json` (RFC 9457). Thrown anywhere, turned into an answer here alone; the
 * API for programs gives the same ones another shape (`program_error.ts`).
 */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { HTTPException } from "hono/http-exception";
import type { Problem } from "../events/contract/api.ts";
import { loggerOf } from "../events/logging.ts";
import { PlanError } from "./planner.ts";

const log = loggerOf("api");

/** Every kind of error, with its status and title. `type` of the answer is `/problems/<kind>`. */
const kinds = {
  "invalid-request": { status: 422, title: "The request is not valid" },
  "invalid-json": { status: 400, title: "The body is not JSON" },
  "unsupported-media-type": { status: 415, title: "The body must be JSON" },
  "too-large": { status: 413, title: "The body is too large" },
  "too-slow": { status: 408, title: "The body did not arrive in time" },
  "unauthorized": { status: 401, title: "The key is missing or wrong" },
  "unknown-host": { status: 421, title: "This server has another name" },
  "operators-only": { status: 403, title: "For operators" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "Method not allowed" },
  "turn-conflict": { status: 409, title: "The turn exists with other content" },
  "turn-ended": { status: 409, title: "The turn has ended" },
  "turn-running": { status: 409, title: "The turn has not ended" },
  "not-comparable": { status: 409, title: "The turns cannot be compared" },
  "retry-conflict": { status: 409, title: "The retry exists with other content" },
  "payload-unreadable": { status: 422, title: "A payload cannot be read" },
  "export-conflict": { status: 409, title: "The export exists with other content" },
  "backtest-conflict": { status: 409, title: "The backtest exists with other content" },
  "experiment-not-started": { status: 409, title: "The experiment was not started" },
  "experiment-ended": { status: 409, title: "The experiment has ended" },
  "layer-full": { status: 409, title: "The layer has too few units left" },
  "unknown-model": { status: 422, title: "Unknown model" },
  "model-unavailable": { status: 409, title: "The model cannot answer" },
  "model-unmanageable": { status: 409, title: "The model's server cannot do this" },
  "model-change-refused": { status: 409, title: "The model's server does not allow this now" },
  "model-unreachable": { status: 502, title: "The model's server does not answer" },
  "model-change-failed": { status: 502, title: "The model's server could not do this" },
  "temporal-unavailable": { status: 503, title: "Temporal does not answer" },
  "query-wrong": { status: 422, title: "The query is wrong" },
  "query-refused": { status: 403, title: "The query asks for what it may not" },
  "query-too-costly": { status: 422, title: "The query takes too much" },
  "query-busy": { status: 429, title: "Too many queries at a time" },
  "query-cancelled": { status: 499, title: "The query was cancelled" },
  "query-unavailable": { status: 503, title: "Queries are not available" },
  "analytics-unavailable": { status: 503, title: "ClickHouse does not answer" },
  "store-unavailable": { status: 503, title: "The store cannot be used" },
  "internal": { status: 500, title: "Something went wrong inside Turnlog" },
} as const;

export type ProblemKind = keyof typeof kinds;

/** Thrown where a request cannot be carried out; `detail` says what was found and what to do about it. */
export class ProblemError extends Error {
  override name = "ProblemError";
  readonly kind: ProblemKind;
  readonly errors: Problem["errors"];

  constructor(
    kind: ProblemKind,
    detail: string,
    { errors, cause }: { errors?: Problem["errors"]; cause?: unknown } = {},
  ) {
    super(detail, { cause });
    this.kind = kind;
    this.errors = errors;
  }
}

/** Answers any error; what nobody expected is logged, and told without its details. */
export function answerError(error: unknown, context: Context): Response {
  const problem = problemOf(error);
  if (problem.status >= 500) logError(error, context);
  return answerProblem(problem, context);
}

export function logError(error: unknown, context: Context): void {
  log.error("A request failed", { method: context.req.method, path: context.req.path, error });
}

/** Answers an address that leads nowhere. */
export function answerNotFound(context: Context): Response {
  const detail = `There is nothing at ${context.req.method} ${context.req.path}`;
  return answerProblem(describe("not-found", detail), context);
}

/** @returns What a client is told of any error; of one that nobody expected, no details. */
export function problemOf(error: unknown): Problem & { kind: ProblemKind } {
  if (error instanceof ProblemError) return describe(error.kind, error.message, error.errors);
  if (error instanceof PlanError) return planProblem(error);
  if (error instanceof HTTPException && error.status === 400) {
    return describe("invalid-json", "The body could not be read as JSON: send a JSON object");
  }
  if (isStoreFailure(error)) {
    return describe(
      "store-unavailable",
      "Nothing was changed. Try again; if it lasts, its disk may be full or not writable",
    );
  }
  return describe("internal", "Nothing more is known here; the log of the api tells more");
}

function planProblem({ reason, message }: PlanError): Problem & { kind: ProblemKind } {
  return reason === "unknown"
    ? describe("unknown-model", message, [{ path: "model", message }])
    : describe("model-unavailable", message);
}

function describe(
  kind: ProblemKind,
  detail: string,
  errors?: Problem["errors"],
): Problem & { kind: ProblemKind } {
  const { status, title } = kinds[kind];
  return { kind, type: `/problems/${kind}`, title, status, detail, ...(errors && { errors }) };
}

/** By the context, so that the headers that were set before the error go with it. */
function answerProblem(
  { kind: _, ...problem }: Problem & { kind: ProblemKind },
  context: Context,
): Response {
  const headers = { "content-type": "application/problem+json" };
  return context.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, headers);
}

/** SQLite's errors: a full disk, a file that cannot be written, a lock that lasts. */
function isStoreFailure(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}
