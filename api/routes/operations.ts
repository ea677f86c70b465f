/** What operators see of everyone's turns, and what they do to them. */
import { createRoute } from "@hono/zod-openapi";
import { turnWorkflowId } from "../../events/contract/names.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import * as schemas from "../operation_schemas.ts";
import { viewOperationTurn } from "../operation_views.ts";
import type { Operations } from "../operations.ts";
import { ProblemError } from "../problem.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import { pageOf, turnParams } from "../schemas.ts";

const tags = ["Operations"];

const list = createRoute({
  method: "get",
  path: "/api/operations/turns",
  tags,
  summary: "List live, waiting or failed turns, those that were sent last first",
  request: { query: schemas.turnQuery },
  responses: {
    200: jsonAnswer(pageOf(schemas.operationTurn), "A page of them"),
    ...problemAnswers,
  },
});

const counts = createRoute({
  method: "get",
  path: "/api/operations/counts",
  tags,
  summary: "Count them by status, reason, model and provider",
  responses: {
    200: jsonAnswer(pageOf(schemas.operationCount), "The most frequent first"),
    ...problemAnswers,
  },
});

const read = createRoute({
  method: "get",
  path: "/api/operations/turns/{turnId}",
  tags,
  summary: "Read what was tried for a turn, and how its run stands in Temporal",
  request: { params: turnParams },
  responses: { 200: jsonAnswer(schemas.operationTurnDetail, "The turn"), ...problemAnswers },
});

const retry = createRoute({
  method: "post",
  path: "/api/operations/turns/{turnId}/retry",
  tags,
  summary: "Answer a failed turn once more, in its user's conversation",
  request: { params: turnParams },
  responses: {
    202: jsonAnswer(schemas.turnRetried, "The run that answers it"),
    ...problemAnswers,
  },
});

const cancel = createRoute({
  method: "post",
  path: "/api/operations/turns/{turnId}/cancel",
  tags,
  summary: "Stop a turn as its user would",
  request: { params: turnParams },
  responses: { 202: { description: "It stops, or has ended already" }, ...problemAnswers },
});

const retryAll = createRoute({
  method: "post",
  path: "/api/operations/retries",
  tags,
  summary: "Retry all failed turns that have something in common, a few a second",
  request: jsonBody(schemas.newRetry),
  responses: {
    200: jsonAnswer(schemas.retryView, "The same request was accepted before"),
    202: jsonAnswer(schemas.retryView, "It is accepted and goes on by itself"),
    ...problemAnswers,
  },
});

const readRetry = createRoute({
  method: "get",
  path: "/api/operations/retries/{retryId}",
  tags,
  summary: "Read how far a retry of many turns is",
  request: { params: schemas.retryParams },
  responses: { 200: jsonAnswer(schemas.retryView, "How far it is"), ...problemAnswers },
});

export function operationRoutes(
  { store, operations }: { store: EventStore; operations: Operations },
) {
  const { links } = operations;
  return createRouter()
    .openapi(list, async (context) => {
      const { conversation, ...query } = context.req.valid("query");
      try {
        const page = await store.operationTurns({
          ...query,
          conversationId: conversation,
          order: "newest-first",
        });
        const items = page.items.map((turn) => viewOperationTurn(turn, links));
        return context.json({ items, nextCursor: page.nextCursor }, 200);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw new ProblemError("invalid-request", error.message);
      }
    })
    .openapi(
      counts,
      async (context) =>
        context.json({ items: await store.operationCounts(), nextCursor: null }, 200),
    )
    .openapi(read, async (context) => {
      const { turnId } = context.req.valid("param");
      return context.json(await operations.describeTurn(turnId), 200);
    })
    .openapi(retry, async (context) => {
      const { turnId } = context.req.valid("param");
      const runId = await operations.retryTurn(turnId, context.get("operator"));
      const temporalUrl = links.run(turnWorkflowId(turnId), runId);
      return context.json({ runId, temporalUrl }, 202);
    })
    .openapi(cancel, async (context) => {
      await operations.cancelTurn(context.req.valid("param").turnId, context.get("operator"));
      return context.body(null, 202);
    })
    .openapi(retryAll, async (context) => {
      const { id = crypto.randomUUID(), ...request } = context.req.valid("json");
      const isNew = await operations.startRetry(id, request, context.get("operator"));
      return context.json(await operations.describeRetry(id), isNew ? 202 : 200);
    })
    .openapi(readRetry, async (context) => {
      const { retryId } = context.req.valid("param");
      return context.json(await operations.describeRetry(retryId), 200);
    });
}
