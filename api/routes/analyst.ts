/** An analyst's own SQL: what there is to be read, and queries. For operators, since what people write is in it. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Operations } from "../operations.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import * as schemas from "../schemas.ts";
import { type AnalystQueries, answerRowsMax, fileRowsMax } from "../sql/analyst_queries.ts";

/** Of a statement so much is kept in the event that states that it was asked. */
const recordedLengthMax = 2000;

const tags = ["Analytics"];

const tables = createRoute({
  method: "get",
  path: "/api/analytics/tables",
  tags,
  summary: "List the tables and views that queries may read, with their columns",
  responses: {
    200: jsonAnswer(schemas.pageOf(schemas.analystTable), "All of them"),
    ...problemAnswers,
  },
});

const query = createRoute({
  method: "post",
  path: "/api/analytics/query",
  tags,
  summary: "Run read-only SQL, with limits on time, memory and rows",
  description: "One statement that reads. It ends when the request ends. Operators only: what " +
    "people write is in the tables. Each query is stated as an event before it is run.",
  request: jsonBody(schemas.analystQuery),
  responses: {
    200: {
      description:
        `\`json\`: at most ${answerRowsMax} rows, and whether there are more. Else a file of at most ${fileRowsMax} rows`,
      content: {
        "application/json": { schema: schemas.analystRows },
        "application/jsonl": { schema: z.string() },
        "text/csv": { schema: z.string() },
        "application/vnd.apache.parquet": { schema: z.string() },
      },
    },
    ...problemAnswers,
  },
});

export function analystRoutes(
  { analyst, operations }: { analyst: AnalystQueries; operations: Pick<Operations, "record"> },
) {
  return createRouter()
    .openapi(tables, async (context) => {
      const items = await analyst.tables(context.req.raw.signal);
      return context.json({ items, nextCursor: null }, 200);
    })
    .openapi(query, async (context) => {
      const { sql, format } = context.req.valid("json");
      await operations.record(context.get("operator"), "analytics", {
        action: "run-query",
        detail: sql.slice(0, recordedLengthMax),
      });
      const { signal } = context.req.raw;
      if (format === "json") return context.json(await analyst.rows(sql, signal), 200);
      const { contentType, body } = await analyst.file(sql, format, signal);
      return context.body(body, 200, {
        "content-type": contentType,
        "content-disposition": `attachment; filename="result.${format}"`,
      });
    });
}
