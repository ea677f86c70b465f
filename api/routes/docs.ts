/** The documents of the API, of the events and of the topics in Kafka, and a page to read and try the API. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { Hono } from "hono";
import { version } from "../../events/contract/version.ts";
import type { ApiEnvironment } from "../router.ts";

/** Made by `deno task schemas`. */
const schemaFolder = new URL("../../events/schema/", import.meta.url);
const schemaFiles = {
  "/api/events/schema": { file: "events.json", type: "application/schema+json" },
  "/api/asyncapi.json": { file: "asyncapi.json", type: "application/json" },
};

const packageFolder = new URL("../../node_modules/swagger-ui-dist/", import.meta.url);
const packageFiles: Record<string, string> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
};

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Turnlog API</title>
<link rel="icon" href="/web/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<div id="docs"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</html>
`;

const startScript = `SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#docs" });\n`;

/** Swagger UI sets styles in its page; nothing else is let in. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; frame-ancestors 'none'";

/** @param routes All routes of the API, which describe themselves. */
export function docsRoutes(routes: OpenAPIHono<ApiEnvironment>) {
  const document = routes.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Turnlog",
      version,
      description: "A chat platform in which every turn is a durable workflow and every step of " +
        "it an event that can be queried. Errors are problem details (RFC 9457); those of " +
        "/v1 have the shape that the clients of OpenAI and Anthropic know.",
    },
  });
  const app = new Hono()
    .get("/api/openapi.json", (context) => context.json(document))
    .get(
      "/api/docs",
      (context) => context.html(page, 200, { "content-security-policy": contentSecurityPolicy }),
    )
    .get(
      "/api/docs/start.js",
      (context) => context.body(startScript, 200, { "content-type": "text/javascript" }),
    )
    .get("/api/docs/:file", async (context, next) => {
      const file = context.req.param("file");
      if (!Object.hasOwn(packageFiles, file)) return await next();
      return context.body(await Deno.readFile(new URL(file, packageFolder)), 200, {
        "content-type": packageFiles[file],
      });
    });
  for (const [path, { file, type }] of Object.entries(schemaFiles)) {
    app.get(
      path,
      async (context) =>
        context.body(await Deno.readTextFile(new URL(file, schemaFolder)), 200, {
          "content-type": type,
        }),
    );
  }
  return app;
}
