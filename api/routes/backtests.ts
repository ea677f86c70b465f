/** Backtests, for operators: started, read and stopped. */
import { createRoute } from "@hono/zod-openapi";
import { backtestParams, backtestView, newBacktest } from "../backtest_schemas.ts";
import type { Backtests } from "../backtests.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import { pageOf } from "../schemas.ts";

const tags = ["Operations"];
const path = "/api/operations/backtests";

const start = createRoute({
  method: "post",
  path,
  tags,
  summary: "Answer past turns again with another model or system prompt, in the background",
  request: jsonBody(newBacktest),
  responses: {
    200: jsonAnswer(backtestView, "The same request was accepted before"),
    202: jsonAnswer(backtestView, "It is accepted and goes on by itself"),
    ...problemAnswers,
  },
});

const list = createRoute({
  method: "get",
  path,
  tags,
  summary: "List backtests, the newest first; their progress is some seconds old",
  responses: { 200: jsonAnswer(pageOf(backtestView), "The newest ones"), ...problemAnswers },
});

const read = createRoute({
  method: "get",
  path: `${path}/{backtestId}`,
  tags,
  summary: "Read how far a backtest is",
  request: { params: backtestParams },
  responses: { 200: jsonAnswer(backtestView, "The backtest"), ...problemAnswers },
});

const stop = createRoute({
  method: "post",
  path: `${path}/{backtestId}/stop`,
  tags,
  summary: "Stop a backtest; what it has answered stays",
  request: { params: backtestParams },
  responses: { 202: { description: "It stops, or has ended already" }, ...problemAnswers },
});

export function backtestRoutes({ backtests }: { backtests: Backtests }) {
  return createRouter()
    .openapi(start, async (context) => {
      const { view, isNew } = await backtests.start(context.req.valid("json"));
      return context.json(view, isNew ? 202 : 200);
    })
    .openapi(
      list,
      async (context) => context.json({ items: await backtests.list(), nextCursor: null }, 200),
    )
    .openapi(read, async (context) => {
      const { backtestId } = context.req.valid("param");
      return context.json(await backtests.read(backtestId), 200);
    })
    .openapi(stop, async (context) => {
      await backtests.stop(context.req.valid("param").backtestId);
      return context.body(null, 202);
    });
}
