/** Backtests, for operators: started, read and stopped. */
import { createRoute } from "@hono/zod-openapi";
import { backtestWorkflowId } from "../../events/contract/names.ts";
import { stepEventId } from "../../events/event_id.ts";
import {
  backtestParams,
  backtestView,
  type NewBacktest,
  newBacktest,
} from "../backtest_schemas.ts";
import type { Backtests } from "../backtests.ts";
import type { Operations } from "../operations.ts";
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

export function backtestRoutes(
  { backtests, operations }: { backtests: Backtests; operations: Pick<Operations, "record"> },
) {
  return createRouter()
    .openapi(start, async (context) => {
      const { id = crypto.randomUUID(), ...request } = context.req.valid("json");
      const workflowId = backtestWorkflowId(id);
      const detail = describe(request);
      const event = { action: "start-backtest", detail } as const;
      const eventId = stepEventId(workflowId, "", "requested");
      await operations.record(context.get("operator"), workflowId, event, eventId);
      const { view, isNew } = await backtests.start({ id, ...request });
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
      const { backtestId } = context.req.valid("param");
      const workflowId = backtestWorkflowId(backtestId);
      await operations.record(context.get("operator"), workflowId, { action: "stop-backtest" });
      await backtests.stop(backtestId);
      return context.body(null, 202);
    });
}

/** Without the system prompt, which may be long and is not for everyone who reads events. */
function describe(
  { systemPrompt: _, parameters: __, ...request }: Omit<NewBacktest, "id">,
): string {
  return Object.entries(request).map(([name, value]) => `${name}=${value}`).join(" ");
}
