/** Finds conversations and turns for those whom they belong to; for everyone else there are none. */
import {
  type ConversationState,
  isEnded,
  type TurnState,
} from "../events/contract/conversation.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { ProblemError } from "./problem.ts";

/** @throws ProblemError where the user has no such conversation. */
export async function findConversation(
  store: EventStore,
  conversationId: string,
  userKey: string,
): Promise<ConversationState> {
  const conversation = await store.conversation(conversationId);
  if (conversation === null || conversation.deleted || conversation.userKey !== userKey) {
    throw new ProblemError("not-found", `You have no conversation ${conversationId}`);
  }
  return conversation;
}

/** @throws ProblemError where the user has no such turn. */
export async function findTurn(
  store: EventStore,
  turnId: string,
  userKey: string,
): Promise<TurnState> {
  const turn = await store.turn(turnId);
  const conversation = turn && await store.conversation(turn.conversationId);
  if (!conversation || conversation.deleted || turn.userKey !== userKey) {
    throw new ProblemError("not-found", `You have no turn ${turnId}`);
  }
  return turn;
}

/** @returns The turns of a conversation on which work goes on. */
export async function openTurns(store: EventStore, conversationId: string): Promise<TurnState[]> {
  const turns = await store.conversationTurns(conversationId);
  return turns.filter((turn) => !isEnded(turn));
}
