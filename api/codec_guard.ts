/** Who may have payloads decoded: operators, from pages of the Temporal UI. */
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { isLoopback } from "./host_guard.ts";
import { type OperatorOptions, requireOperator } from "./operator.ts";
import type { ApiEnvironment } from "./router.ts";

/** How long a browser remembers that it may ask, in seconds. */
const rememberedSeconds = 600;

/**
 * @param options `temporalUiUrl`: the one place whose pages may read the answers. It may send the operator's cookie,
 * which another port of the same host gets, or the token that it passes on.
 */
export function guardCodec(
  { temporalUiUrl, ...options }: OperatorOptions & { temporalUiUrl: string | undefined },
): MiddlewareHandler<ApiEnvironment>[] {
  const trustedOrigins = temporalUiUrl === undefined ? [] : originsOf(new URL(temporalUiUrl));
  return [
    // Answers the browser's question whether it may ask, before anyone has to be an operator.
    cors({
      origin: (origin) => trustedOrigins.includes(origin) ? origin : null,
      allowMethods: ["POST"],
      allowHeaders: ["X-Namespace", "Content-Type", "Authorization"],
      credentials: true,
      maxAge: rememberedSeconds,
    }),
    requireOperator({ ...options, trustedOrigins }),
  ];
}

/** On this machine people call it by either name. */
function originsOf({ origin, protocol, hostname, port }: URL): string[] {
  if (!isLoopback(hostname)) return [origin];
  return ["127.0.0.1", "localhost"].map((name) => new URL(`${protocol}//${name}:${port}`).origin);
}
