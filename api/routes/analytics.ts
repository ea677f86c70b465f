/** The dashboard's views: those that tell of single users and turns for operators, the others for everyone. */
import { createRoute, z } from "@hono/zod-openapi";
import type { AnalyticsReader } from "../analytics_reader.ts";
import { findOperator, identifyOperator, type OperatorOptions } from "../operator.ts";
import { createRouter, jsonAnswer, problemAnswers } from "../router.ts";
import * as schemas from "../schemas.ts";

const tags = ["Analytics"];

const list = createRoute({
  method: "get",
  path: "/api/analytics/views",
  tags,
  summary: "List the views with their charts and parameters",
  responses: {
    200: jsonAnswer(schemas.pageOf(schemas.analyticsView), "Those that the caller may read"),
    ...problemAnswers,
  },
});

const rows = createRoute({
  method: "get",
  path: "/api/analytics/views/{name}",
  tags,
  summary: "Read the rows of a view",
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({
      from: z.string().optional().openapi({ description: "ISO 8601; a day before `to`" }),
      to: z.string().optional().openapi({ description: "ISO 8601; now" }),
      bucket: z.string().optional().openapi({ description: "The length of a bucket in seconds" }),
      model: z.string().optional().openapi({
        description: "A model's name in turnlog.yaml; all where it is absent or empty",
      }),
      experiment: z.string().optional().openapi({
        description: "Only turns that take part in it; all where it is absent or empty",
      }),
      variant: z.string().optional().openapi({
        description: "Of the experiment's turns, those of one variant",
      }),
      error_class: z.string().optional().openapi({
        description: "Only turns with an attempt that failed so; all where it is absent or empty",
      }),
    }).catchall(z.string()),
  },
  responses: { 200: jsonAnswer(schemas.analyticsRows, "The rows"), ...problemAnswers },
});

const definition = createRoute({
  method: "get",
  path: "/api/analytics/views/{name}/definition",
  tags,
  summary: "Read what a view computes, as SQL",
  request: { params: z.object({ name: z.string() }) },
  responses: { 200: jsonAnswer(schemas.analyticsDefinition, "Its SQL"), ...problemAnswers },
});

export function analyticsRoutes(options: OperatorOptions & { analytics: AnalyticsReader }) {
  const { analytics } = options;
  return createRouter()
    .openapi(list, async (context) => {
      const [views, operator] = [await analytics.views(), await findOperator(context, options)];
      const items = views.filter(({ isForOperators }) => operator !== null || !isForOperators);
      return context.json({ items, nextCursor: null }, 200);
    })
    .openapi(rows, async (context) => {
      const { name } = context.req.valid("param");
      const { isForOperators } = await analytics.view(name);
      if (isForOperators) await identifyOperator(context, options);
      return context.json(await analytics.rows(name, context.req.query()), 200);
    })
    .openapi(definition, async (context) => {
      const { name } = context.req.valid("param");
      return context.json(await analytics.definition(name), 200);
    });
}
