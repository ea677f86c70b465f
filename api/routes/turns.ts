/** Turns: sent, read, stopped, regenerated and rated. */
import { createRoute } from "@hono/zod-openapi";
import type { TurnAccepted } from "../../events/contract/api.ts";
import { createEvent } from "../../events/contract/event.ts";
import { isEnded } from "../../events/contract/conversation.ts";
import { turnWorkflowId } from "../../events/contract/names.ts";
import { newEventId } from "../../events/event_id.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { findConversation, findTurn } from "../access.ts";
import { ProblemError } from "../problem.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import * as schemas from "../schemas.ts";
import type { TurnRequests } from "../turn_requests.ts";
import { viewTurn } from "../views.ts";

const tags = ["Turns"];
const request = { params: schemas.turnParams };
const accepted = {
  200: jsonAnswer(schemas.turnAccepted, "The same request was accepted before"),
  202: jsonAnswer(schemas.turnAccepted, "It is accepted and cannot be lost any more"),
};

const send = createRoute({
  method: "post",
  path: "/api/conversations/{conversationId}/turns",
  tags,
  summary: "Send a message",
  request: { params: schemas.conversationParams, ...jsonBody(schemas.newTurn) },
  responses: { ...accepted, ...problemAnswers },
});

const read = createRoute({
  method: "get",
  path: "/api/turns/{turnId}",
  tags,
  summary: "Read a turn as it stands",
  request,
  responses: { 200: jsonAnswer(schemas.turnView, "The turn"), ...problemAnswers },
});

const stop = createRoute({
  method: "post",
  path: "/api/turns/{turnId}/stop",
  tags,
  summary: "Stop a turn; its answer is kept as the user saw it",
  request: { ...request, ...jsonBody(schemas.stop, false) },
  responses: { 202: { description: "It stops, or has ended already" }, ...problemAnswers },
});

const regenerate = createRoute({
  method: "post",
  path: "/api/turns/{turnId}/regenerate",
  tags,
  summary: "Answer the same message once more, as a sibling of the turn",
  request: { ...request, ...jsonBody(schemas.regenerate, false) },
  responses: { ...accepted, ...problemAnswers },
});

const feedback = createRoute({
  method: "post",
  path: "/api/turns/{turnId}/feedback",
  tags,
  summary: "Rate an answer",
  request: { ...request, ...jsonBody(schemas.feedback) },
  responses: { 200: jsonAnswer(schemas.turnView, "The turn with its feedback"), ...problemAnswers },
});

export function turnRoutes({ store, turns }: { store: EventStore; turns: TurnRequests }) {
  return createRouter()
    .openapi(send, async (context) => {
      const { conversationId } = context.req.valid("param");
      const userKey = context.get("userKey");
      const conversation = await findConversation(store, conversationId, userKey);
      const original = context.req.valid("json");
      const turnId = original.turnId ?? crypto.randomUUID();
      const parentTurnId = original.parentTurnId === undefined
        ? (await store.latestTurn(conversationId))?.turnId ?? null
        : original.parentTurnId;
      await requireParent(parentTurnId, conversationId, userKey);
      const isNew = await turns.start({
        turnId,
        conversation,
        text: original.text,
        asked: original.model ?? "default",
        parentTurnId,
        parameters: original.parameters ?? {},
        original,
      });
      return context.json(acceptedAnswer(turnId), isNew ? 202 : 200);
    })
    .openapi(read, async (context) => {
      const { turnId } = context.req.valid("param");
      return context.json(viewTurn(await findTurn(store, turnId, context.get("userKey"))), 200);
    })
    .openapi(stop, async (context) => {
      const { turnId } = context.req.valid("param");
      const turn = await findTurn(store, turnId, context.get("userKey"));
      const { seenLength } = context.req.valid("json") ?? {};
      if (!isEnded(turn)) await turns.stop(turn, seenLength);
      return context.body(null, 202);
    })
    .openapi(regenerate, async (context) => {
      const userKey = context.get("userKey");
      const turn = await findTurn(store, context.req.valid("param").turnId, userKey);
      const conversation = await findConversation(store, turn.conversationId, userKey);
      const original = context.req.valid("json") ?? {};
      const turnId = original.turnId ?? crypto.randomUUID();
      const isNew = await turns.start({
        turnId,
        conversation,
        text: turn.message,
        asked: original.model ?? turn.route,
        parentTurnId: turn.parentTurnId,
        regeneratedFrom: turn.turnId,
        parameters: {},
        original: { ...original, regeneratedFrom: turn.turnId },
      });
      return context.json(acceptedAnswer(turnId), isNew ? 202 : 200);
    })
    .openapi(feedback, async (context) => {
      const turn = await findTurn(
        store,
        context.req.valid("param").turnId,
        context.get("userKey"),
      );
      const { rating, comment = null } = context.req.valid("json");
      const { tenant, userKey, conversationId, turnId, variants } = turn;
      const event = createEvent({
        id: newEventId(),
        source: "turnlog/api",
        type: "feedback.given",
        subject: { tenant, userKey, conversationId, turnId, variants },
        data: { rating, comment },
      });
      const rated = await store.updateTurn(turnId, () => [event]);
      return context.json(viewTurn(rated!), 200);
    });

  async function requireParent(
    parentTurnId: string | null,
    conversationId: string,
    userKey: string,
  ): Promise<void> {
    if (parentTurnId === null) return;
    const parent = await findTurn(store, parentTurnId, userKey);
    if (parent.conversationId === conversationId) return;
    throw new ProblemError(
      "not-found",
      `Turn ${parentTurnId} does not belong to conversation ${conversationId}`,
    );
  }
}

function acceptedAnswer(turnId: string): TurnAccepted {
  return { turnId, workflowId: turnWorkflowId(turnId), streamUrl: `/api/turns/${turnId}/stream` };
}
