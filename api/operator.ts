/**
 * Who may operate Turnlog: see everyone's turns, retry and cancel them, wake models. Whoever knows TURNLOG_OPERATOR_TOKEN,
 * by sending it or by the cookie of a sign-in with it; where none is set, everyone who reaches an api that listens on
 * loopback alone, as with Temporal's UI beside it.
 */
import type { Context, MiddlewareHandler } from "hono";
import { isLoopback } from "./host_guard.ts";
import { readOperatorSession } from "./operator_session.ts";
import { ProblemError } from "./problem.ts";
import type { ApiEnvironment, Operator } from "./router.ts";
import { bearerOf, isKnownSecret } from "./secrets.ts";

export interface OperatorOptions {
  /** The address on which the server listens. */
  host: string;
  /** Signs the cookies of those who have signed in. */
  secret: string;
  operatorToken: string | undefined;
  /** Where pages may stand that call in an operator's name, beside the app's own: the Temporal UI. */
  trustedOrigins?: readonly string[];
}

/** Lets operators through, and tells the routes who they are. */
export function requireOperator(options: OperatorOptions): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    context.set("operator", await identifyOperator(context, options));
    await next();
  };
}

/** @throws ProblemError where somebody asks who may not operate, or a page of another site in their name. */
export async function identifyOperator(
  context: Context,
  options: OperatorOptions,
): Promise<Operator> {
  const operator = await findOperator(context, options);
  if (operator === null) throw notAllowed(options);
  // A token is sent on purpose. Cookies and the way to this machine are there for every page in the same browser.
  if (operator.by !== "token") requireOwnPage(context, options);
  return operator;
}

/** @returns Null where nobody who may operate asks. */
export async function findOperator(
  context: Context,
  { host, secret, operatorToken }: OperatorOptions,
): Promise<Operator | null> {
  if (operatorToken === undefined) return isLoopback(host) ? { by: "loopback" } : null;
  if (isKnownSecret(bearerOf(context.req.raw.headers), [operatorToken])) {
    return { by: "token" };
  }
  const session = await readOperatorSession(context, { secret, operatorToken });
  return session === null ? null : { by: "session", session };
}

/** @throws ProblemError where a page of another site has sent the request. */
export function requireOwnPage(
  context: Context,
  { trustedOrigins = [] }: Pick<OperatorOptions, "trustedOrigins">,
): void {
  const origin = context.req.header("origin");
  if (origin === undefined || trustedOrigins.includes(origin)) return;
  const isOwn = URL.canParse(origin) && new URL(origin).host === context.req.header("host");
  if (isOwn) return;
  throw new ProblemError(
    "operators-only",
    `The page at ${origin} may not operate Turnlog. Use Turnlog's own address, or send the operator's token`,
  );
}

function notAllowed({ operatorToken }: OperatorOptions): ProblemError {
  const wayOut = operatorToken === undefined
    ? "Set TURNLOG_OPERATOR_TOKEN for the api"
    : "Sign in at /operations, or send authorization: Bearer with the token of TURNLOG_OPERATOR_TOKEN";
  return new ProblemError("operators-only", `This is for operators. ${wayOut}`);
}
