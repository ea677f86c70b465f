/** What every route file begins with. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import type { OperatorKind } from "../events/contract/event.ts";
import { ProblemError } from "./problem.ts";
import * as schemas from "./schemas.ts";

/** What the middleware tells the routes. */
export interface ApiEnvironment {
  Variables: {
    /** Who asks: an HMAC of the user's id. */
    userKey: string;
    /** The body of the request; undefined where there was none. */
    body: unknown;
    /** Who operates; set on the routes for operators alone. */
    operator: Operator;
  };
}

/** How an operator was known. */
export interface Operator {
  by: OperatorKind;
  /** Tells one sign-in from another. */
  session?: string;
}

/** A router whose validation answers like every other error. */
export function createRouter(): OpenAPIHono<ApiEnvironment> {
  return new OpenAPIHono<ApiEnvironment>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error, result.target);
    },
  });
}

/** @param target What was wrong, where no field of it is named. */
export function invalidRequest(error: z.core.$ZodError, target: string): ProblemError {
  const errors = error.issues.map(({ path, message }) => ({
    path: path.join(".") || (target === "json" ? "body" : target),
    message,
  }));
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return new ProblemError("invalid-request", detail, { errors });
}

/** An answer of a route, for its OpenAPI description. */
export function jsonAnswer<Schema>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** The body of a request, for its OpenAPI description. */
export function jsonBody<Schema>(schema: Schema, required = true) {
  return { body: { content: { "application/json": { schema } }, required } };
}

/** Every route can answer with these. */
export const problemAnswers = {
  default: {
    description: "An error: RFC 9457 problem details",
    content: { "application/problem+json": { schema: schemas.problem } },
  },
};
