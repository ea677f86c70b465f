/** Answers the errors of the API for programs in the shape that the caller's client knows. */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { anthropicError } from "./anthropic/error.ts";
import { openAiError } from "./openai/error.ts";
import { logError } from "./problem.ts";
import { type ProgramError, programErrorOf } from "./program_error.ts";

/** @returns Whether OpenAI's or Anthropic's clients call there. */
export function isForPrograms({ req }: Context): boolean {
  return req.path.startsWith("/v1/");
}

export function answerProgramError(error: unknown, context: Context): Response {
  const described = programErrorOf(error);
  if (described.code === "internal") logError(error, context);
  return answer(described, context);
}

export function answerProgramNotFound(context: Context): Response {
  const message = `There is nothing at ${context.req.method} ${context.req.path}`;
  return answer({ status: 404, code: "not_found", message, param: null }, context);
}

function answer(error: ProgramError, context: Context): Response {
  const { status, retryAfterMs, isFinal } = error;
  const isAnthropic = /^\/v1\/messages(\/|$)/.test(context.req.path);
  const body = isAnthropic ? anthropicError(error) : openAiError(error);
  return context.json(body, status as ContentfulStatusCode, {
    ...(retryAfterMs !== undefined && { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
    ...(isFinal && { "x-should-retry": "false" }),
  });
}
