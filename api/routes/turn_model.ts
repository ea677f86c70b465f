/** Another model for a turn that waits: who is asked instead, without sending the message again. */
import { createRoute } from "@hono/zod-openapi";
import { isEnded } from "../../events/contract/conversation.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { findTurn } from "../access.ts";
import { createRouter, jsonBody, problemAnswers } from "../router.ts";
import * as schemas from "../schemas.ts";
import { turnEnded, type TurnRequests } from "../turn_requests.ts";

const choose = createRoute({
  method: "post",
  path: "/api/turns/{turnId}/model",
  tags: ["Turns"],
  summary: "Let another model or route answer a turn",
  description:
    "A turn that waits asks it at once; one that is being answered does so after the attempt that is under way, if " +
    "that fails. How long the turn may wait in all stays as it was.",
  request: { params: schemas.turnParams, ...jsonBody(schemas.modelChoice) },
  responses: { 202: { description: "It will be asked" }, ...problemAnswers },
});

export function turnModelRoutes({ store, turns }: { store: EventStore; turns: TurnRequests }) {
  return createRouter().openapi(choose, async (context) => {
    const { turnId } = context.req.valid("param");
    const turn = await findTurn(store, turnId, context.get("userKey"));
    if (isEnded(turn)) throw turnEnded(turnId);
    await turns.chooseModel(turn, context.req.valid("json").model);
    return context.body(null, 202);
  });
}
