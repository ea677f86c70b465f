/** Refuses a method that an address does not know, where it knows others, and says which (RFC 9110: 405). */
import type { Hono, MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";

/** @param routers Whose routes are known. */
export function refuseUnknownMethods(routers: Pick<Hono, "routes">[]): MiddlewareHandler {
  const routes = routers.flatMap((router) => router.routes)
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => ({ method, pattern: patternOf(path) }));
  return async (context, next) => {
    const { method, path } = context.req;
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    // Hono answers HEAD where there is GET; a browser asks by OPTIONS before it calls from another page.
    const isKnown = method === "OPTIONS" || allowed.includes(method === "HEAD" ? "GET" : method);
    if (allowed.length === 0 || isKnown) return await next();
    const allow = [...new Set(allowed)].sort().join(", ");
    context.header("allow", allow);
    throw new ProblemError("method-not-allowed", `${path} knows ${allow}, not ${method}`);
  };
}

/** @param path As Hono writes it: `/api/turns/:turnId`. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:[^/]+/g, "[^/]+")}$`);
}
