/** The OpenAPI document, and a page to read and try it. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { Hono } from "hono";
import type { ApiEnvironment } from "../router.ts";

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
      version: "0.2.0",
      description: "A chat platform in which every turn is a durable workflow and every step of " +
        "it an event that can be queried. Errors are problem details (RFC 9457); those of " +
        "/v1 have the shape that the clients of OpenAI and Anthropic know.",
    },
  });
  return new Hono()
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
}
