/**
 * Who may operate Turnlog: see everyone's turns, retry and cancel them, wake models. Whoever knows TURNLOG_OPERATOR_TOKEN;
 * where none is set, everyone who reaches an api that listens on loopback alone, as with Temporal's UI beside it.
 */
import type { MiddlewareHandler } from "hono";
import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "./host_guard.ts";
import { ProblemError } from "./problem.ts";

export interface OperatorOptions {
  /** The address on which the server listens. */
  host: string;
  operatorToken: string | undefined;
}

/** Lets operators through; the token is sent as `Authorization: Bearer`. */
export function requireOperator({ host, operatorToken }: OperatorOptions): MiddlewareHandler {
  return async (context, next) => {
    if (operatorToken === undefined) {
      if (!isLoopback(host)) throw notAllowed("Set TURNLOG_OPERATOR_TOKEN for the api");
    } else if (!isSame(bearerOf(context.req.header("authorization")), operatorToken)) {
      throw notAllowed("Send it as authorization: Bearer with the token of TURNLOG_OPERATOR_TOKEN");
    }
    await next();
  };
}

function bearerOf(authorization: string | undefined): string {
  return /^Bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "";
}

/** Takes the same time wherever they differ. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

function notAllowed(wayOut: string): ProblemError {
  return new ProblemError("operators-only", `This is for operators. ${wayOut}`);
}
