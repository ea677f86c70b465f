/** For whoever runs the api: is it alive, is it ready, what does it count. */
import { Hono } from "hono";
import { register } from "prom-client";
import { isReady, type Readiness } from "../../events/health_server.ts";

/**
 * @param checkReadiness The state of what the api cannot do without, and of what it can: a dashboard without ClickHouse is
 * no reason to turn away people who chat.
 */
export function healthRoutes(
  checkReadiness: () => Promise<{ needed: Readiness; optional: Readiness }>,
) {
  return new Hono()
    .get("/healthz", (context) => context.json({ status: "alive" }))
    .get("/readyz", async (context) => {
      const { needed, optional } = await checkReadiness();
      return context.json({ ...needed, ...optional }, isReady(needed) ? 200 : 503);
    })
    .get(
      "/metrics",
      async (context) =>
        context.body(await register.metrics(), 200, { "content-type": register.contentType }),
    );
}
