/** Whether the one who asks lets what they write be exported: read and changed by themselves. */
import { createRoute } from "@hono/zod-openapi";
import { createSystemEvent } from "../../events/contract/event.ts";
import { newEventId } from "../../events/event_id.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import { consentChange, consentView } from "../schemas.ts";

/** @param path Of a person's browser, or of a program's key. */
export function consentRoutes(
  path: "/api/me/consent" | "/v1/me/consent",
  { store }: { store: Pick<EventStore, "append" | "consent"> },
) {
  const tags = ["Consent"];
  const read = createRoute({
    method: "get",
    path,
    tags,
    summary: "Read whether what you write may be exported",
    responses: { 200: jsonAnswer(consentView, "What you have said last"), ...problemAnswers },
  });
  const change = createRoute({
    method: "put",
    path,
    tags,
    summary: "Say whether what you write may be exported, from now on and also of what is there",
    request: jsonBody(consentChange),
    responses: { 200: jsonAnswer(consentView, "What holds now"), ...problemAnswers },
  });
  return createRouter()
    .openapi(
      read,
      async (context) => context.json(await store.consent(context.get("userKey")), 200),
    )
    .openapi(change, async (context) => {
      const userKey = context.get("userKey");
      const { given } = context.req.valid("json");
      if ((await store.consent(userKey)).given !== given) {
        await store.append([createSystemEvent({
          id: newEventId(),
          source: "turnlog/api",
          type: given ? "consent.given" : "consent.withdrawn",
          subject: `user/${userKey}`,
          data: { userKey },
        })]);
      }
      return context.json(await store.consent(userKey), 200);
    });
}
