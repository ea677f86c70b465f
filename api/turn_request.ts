/** What is asked for by a turn's request: the message that it becomes, and by what the same request is known again. */
import { createHash } from "node:crypto";
import type { GenerationParameters } from "../events/contract/call_settings.ts";
import type { ChatRequest } from "../events/contract/chat_request.ts";
import type { ConversationState } from "../events/contract/conversation.ts";
import { createEvent, type EventOf } from "../events/contract/event.ts";
import type { TurnPlan } from "../events/contract/turn_plan.ts";
import { newEventId } from "../events/event_id.ts";
import { ProblemError } from "./problem.ts";

export interface TurnRequest {
  turnId: string;
  conversation: Pick<ConversationState, "conversationId" | "tenant" | "userKey">;
  text: string;
  /** What a program asks; absent where a person does. */
  request?: ChatRequest;
  /** A route or a model. */
  asked: string;
  parentTurnId: string | null;
  regeneratedFrom?: string;
  parameters: GenerationParameters;
  /** What happens where nobody can answer; the route decides where it is absent. */
  onExhausted?: TurnPlan["onExhausted"];
  /** What the client sent, for telling a repeated request from another one. */
  original: unknown;
}

export function messageOf(
  request: TurnRequest,
  requestHash: string,
  variants: TurnPlan["variants"],
): EventOf<"message.sent"> {
  const { turnId, conversation, text, asked, parentTurnId, regeneratedFrom } = request;
  const { conversationId, tenant, userKey } = conversation;
  return createEvent({
    id: newEventId(),
    source: "turnlog/api",
    type: "message.sent",
    subject: {
      tenant,
      userKey,
      conversationId,
      turnId,
      ...(Object.keys(variants).length > 0 && { variants }),
    },
    data: {
      text,
      parentTurnId,
      ...(regeneratedFrom !== undefined && { regeneratedFrom }),
      route: asked,
      requestHash,
      ...(request.request && { request: request.request }),
    },
  });
}

export function hashOf({ conversation, original }: TurnRequest): string {
  const content = JSON.stringify([conversation.conversationId, original]);
  return createHash("sha256").update(content).digest("hex");
}

/** @throws ProblemError where the turn was started by another request. */
export function requireSame(turnId: string, requestHash: string, known: unknown): void {
  if (requestHash === known) return;
  throw new ProblemError(
    "turn-conflict",
    `Turn ${turnId} was started by another request. Make a new turnId for each message`,
  );
}
