/** Conversations: made, listed, read, renamed and deleted. */
import { createRoute } from "@hono/zod-openapi";
import type { ConversationState } from "../../events/contract/conversation.ts";
import { createEvent, type EventData } from "../../events/contract/event.ts";
import { newEventId } from "../../events/event_id.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { findConversation, openTurns } from "../access.ts";
import { ProblemError } from "../problem.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import * as schemas from "../schemas.ts";
import type { TurnRequests } from "../turn_requests.ts";
import { tenant } from "../user.ts";
import { viewConversation, viewConversationDetail } from "../views.ts";

const tags = ["Conversations"];
const path = "/api/conversations/{conversationId}";
const request = { params: schemas.conversationParams };

const create = createRoute({
  method: "post",
  path: "/api/conversations",
  tags,
  summary: "Begin a conversation",
  request: jsonBody(schemas.newConversation, false),
  responses: { 201: jsonAnswer(schemas.conversationView, "It was made"), ...problemAnswers },
});

const list = createRoute({
  method: "get",
  path: "/api/conversations",
  tags,
  summary: "List your conversations, newest activity first",
  request: { query: schemas.conversationQuery },
  responses: {
    200: jsonAnswer(schemas.pageOf(schemas.conversationView), "A page of them"),
    ...problemAnswers,
  },
});

const read = createRoute({
  method: "get",
  path,
  tags,
  summary: "Read a conversation with its turns",
  request,
  responses: { 200: jsonAnswer(schemas.conversationDetail, "The conversation"), ...problemAnswers },
});

const rename = createRoute({
  method: "patch",
  path,
  tags,
  summary: "Rename a conversation",
  request: { ...request, ...jsonBody(schemas.renameConversation) },
  responses: { 200: jsonAnswer(schemas.conversationView, "It was renamed"), ...problemAnswers },
});

const remove = createRoute({
  method: "delete",
  path,
  tags,
  summary: "Delete a conversation; what is being answered in it is stopped",
  request,
  responses: { 204: { description: "It was deleted" }, ...problemAnswers },
});

export function conversationRoutes({ store, turns }: { store: EventStore; turns: TurnRequests }) {
  async function append<Type extends keyof EventData & `conversation.${string}`>(
    { tenant, userKey, conversationId }: Pick<
      ConversationState,
      "tenant" | "userKey" | "conversationId"
    >,
    type: Type,
    data: EventData[Type],
  ): Promise<ConversationState> {
    const subject = { tenant, userKey, conversationId };
    const event = createEvent({ id: newEventId(), source: "turnlog/api", type, subject, data });
    // deno-lint-ignore no-explicit-any -- the compiler loses that a type goes with its own data
    await store.append([event as any]);
    return (await store.conversation(conversationId))!;
  }

  return createRouter()
    .openapi(create, async (context) => {
      const { title = null } = context.req.valid("json") ?? {};
      const conversation = await append(
        { tenant, userKey: context.get("userKey"), conversationId: crypto.randomUUID() },
        "conversation.created",
        { title },
      );
      return context.json(viewConversation(conversation), 201);
    })
    .openapi(list, async (context) => {
      const query = context.req.valid("query");
      try {
        const page = await store.conversations({ ...query, userKey: context.get("userKey") });
        return context.json({ ...page, items: page.items.map(viewConversation) }, 200);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw new ProblemError("invalid-request", error.message);
      }
    })
    .openapi(read, async (context) => {
      const { conversationId } = context.req.valid("param");
      const conversation = await findConversation(store, conversationId, context.get("userKey"));
      const turns = await store.conversationTurns(conversationId);
      return context.json(viewConversationDetail(conversation, turns), 200);
    })
    .openapi(rename, async (context) => {
      const { conversationId } = context.req.valid("param");
      const conversation = await findConversation(store, conversationId, context.get("userKey"));
      const { title } = context.req.valid("json");
      return context.json(
        viewConversation(await append(conversation, "conversation.renamed", { title })),
        200,
      );
    })
    .openapi(remove, async (context) => {
      const { conversationId } = context.req.valid("param");
      const conversation = await findConversation(store, conversationId, context.get("userKey"));
      await append(conversation, "conversation.deleted", {});
      for (const turn of await openTurns(store, conversationId)) await turns.stop(turn, undefined);
      return context.body(null, 204);
    });
}
