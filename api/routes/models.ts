/** Models and routes: what can be asked for, and what cannot, and why. */
import { createRoute } from "@hono/zod-openapi";
import type { Catalogue } from "../catalogue.ts";
import { createRouter, jsonAnswer, problemAnswers } from "../router.ts";
import * as schemas from "../schemas.ts";

const list = createRoute({
  method: "get",
  path: "/api/models",
  tags: ["Models"],
  summary: "List routes and models",
  responses: {
    200: jsonAnswer(schemas.pageOf(schemas.modelView), "All of them, routes first"),
    ...problemAnswers,
  },
});

export function modelRoutes({ catalogue }: { catalogue: Catalogue }) {
  return createRouter().openapi(
    list,
    async (context) => context.json({ items: await catalogue.list(), nextCursor: null }, 200),
  );
}
