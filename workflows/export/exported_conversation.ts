/** What of a conversation is exported. */
import {
  type ConversationState,
  isEnded,
  type TurnState,
} from "../../events/contract/conversation.ts";
import type {
  ExportedConversation,
  ExportedTurn,
  ExportSelection,
} from "../../events/contract/export.ts";
import { knownTurnCost } from "../../events/contract/known_cost.ts";

/** @returns Whether the selection takes the turn. One that has not ended is never taken. */
export function isSelected(turn: TurnState, selection: ExportSelection): boolean {
  const { from, to, model, rating, completedOnly } = selection;
  return isEnded(turn) &&
    turn.backtest === undefined &&
    (turn.status === "completed" || !completedOnly) &&
    turn.sentAt >= from && turn.sentAt < to &&
    (model === undefined || turn.attempts.at(-1)?.model === model) &&
    (rating === undefined || turn.feedback.rating === rating);
}

export function exportedConversation(
  conversation: ConversationState,
  turns: readonly TurnState[],
): ExportedConversation {
  const { conversationId: id, tenant, userKey, title, createdAt, updatedAt } = conversation;
  return { id, tenant, userKey, title, createdAt, updatedAt, turns: turns.map(exportedTurn) };
}

function exportedTurn(turn: TurnState): ExportedTurn {
  const { turnId: id, attempts, toolCalls, request, ...rest } = turn;
  const last = attempts.at(-1);
  return {
    id,
    parentTurnId: rest.parentTurnId,
    regeneratedFrom: rest.regeneratedFrom,
    route: rest.route,
    variants: rest.variants,
    message: rest.message,
    ...(request && { request }),
    status: rest.status,
    text: rest.text,
    reasoning: rest.reasoning,
    ...(toolCalls && { toolCalls }),
    attempts: attempts.length,
    ...(last && {
      provider: last.provider,
      model: last.model,
      requestModel: last.requestModel,
      responseModel: last.responseModel,
      timeToFirstTokenMs: last.timeToFirstTokenMs,
    }),
    usage: rest.usage,
    costUsd: knownTurnCost(turn),
    finishReason: rest.finishReason,
    error: rest.error,
    feedback: rest.feedback,
    sentAt: rest.sentAt,
    endedAt: rest.endedAt,
    durationMs: rest.durationMs,
  };
}
