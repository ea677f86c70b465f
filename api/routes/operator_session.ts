/** Signing in and out of the operators' part in a browser. */
import { createRoute } from "@hono/zod-openapi";
import type { OperatorSession } from "../../events/contract/operations.ts";
import { isLoopback } from "../host_guard.ts";
import { operatorSession, signIn } from "../operation_schemas.ts";
import type { Operations } from "../operations.ts";
import { findOperator, type OperatorOptions, requireOwnPage } from "../operator.ts";
import { beginOperatorSession, endOperatorSession } from "../operator_session.ts";
import { ProblemError } from "../problem.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import { isKnownSecret } from "../secrets.ts";

const tags = ["Operations"];
const path = "/api/operator/session";

const read = createRoute({
  method: "get",
  path,
  tags,
  summary: "Whether you may operate, and whether a token is needed for it",
  responses: { 200: jsonAnswer(operatorSession, "How it stands"), ...problemAnswers },
});

const begin = createRoute({
  method: "post",
  path,
  tags,
  summary: "Sign in with the operator's token, for 12 hours in this browser",
  request: jsonBody(signIn),
  responses: { 204: { description: "A cookie is set" }, ...problemAnswers },
});

const end = createRoute({
  method: "delete",
  path,
  tags,
  summary: "Sign out",
  responses: { 204: { description: "The cookie is gone" }, ...problemAnswers },
});

export function operatorSessionRoutes(options: OperatorOptions & { operations: Operations }) {
  const { host, secret, operatorToken, operations } = options;
  return createRouter()
    .openapi(read, async (context) => {
      const operator = await findOperator(context, options);
      return context.json({ access: accessOf(operator !== null) }, 200);
    })
    .openapi(begin, async (context) => {
      requireOwnPage(context, options);
      const { token } = context.req.valid("json");
      if (operatorToken === undefined || !isKnownSecret(token, [operatorToken])) {
        throw new ProblemError(
          "operators-only",
          "This is not the token. It is what TURNLOG_OPERATOR_TOKEN holds for the api",
        );
      }
      const session = await beginOperatorSession(context, { secret, operatorToken });
      const operator = { by: "session", session } as const;
      await operations.record(operator, `operator/${session}`, { action: "sign-in" });
      return context.body(null, 204);
    })
    .openapi(end, (context) => {
      requireOwnPage(context, options);
      endOperatorSession(context);
      return context.body(null, 204);
    });

  function accessOf(isOperator: boolean): OperatorSession["access"] {
    if (operatorToken === undefined) return isLoopback(host) ? "open" : "closed";
    return isOperator ? "signed-in" : "signed-out";
  }
}
