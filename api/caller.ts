/** Who calls the API for programs: each key is a user of its own. */
import type { MiddlewareHandler } from "hono";
import { isLoopback } from "./host_guard.ts";
import { ProblemError } from "./problem.ts";
import type { ApiEnvironment } from "./router.ts";
import { bearerOf, isKnownSecret } from "./secrets.ts";
import { userKeyOf } from "./user.ts";

export interface CallerOptions {
  /** The address on which the server listens. */
  host: string;
  /** Hides keys in events. */
  secret: string;
  /** The keys that are let in; any or none where there are none, on loopback alone. */
  apiKeys: readonly string[];
}

export function identifyCaller(
  { host, secret, apiKeys }: CallerOptions,
): MiddlewareHandler<ApiEnvironment> {
  const letsAllIn = apiKeys.length === 0 && isLoopback(host);
  return async (context, next) => {
    const key = keyOf(context.req.raw.headers);
    if (!letsAllIn) requireKnown(key, apiKeys);
    context.set("userKey", userKeyOf(`key ${key}`, secret));
    await next();
  };
}

/** OpenAI's clients send the first, Anthropic's the second. */
function keyOf(headers: Headers): string {
  return bearerOf(headers) || (headers.get("x-api-key") ?? "").trim();
}

function requireKnown(key: string, apiKeys: readonly string[]): void {
  if (isKnownSecret(key, apiKeys)) return;
  throw new ProblemError(
    "unauthorized",
    apiKeys.length === 0
      ? "This server listens to others and has no keys: set TURNLOG_API_KEYS for it"
      : key === ""
      ? "Send one of the keys of TURNLOG_API_KEYS as Authorization: Bearer, or as x-api-key"
      : "The key is none of TURNLOG_API_KEYS",
  );
}
