/** The history that the model of a turn is sent. */
import { ApplicationFailure } from "@temporalio/activity";
import type { TurnState } from "../events/contract/conversation.ts";
import type { EventStore } from "../events/store/event_store.ts";

/**
 * @returns The turns from the root of the conversation to this one. A turn of a backtest goes where the turn went that it
 * answers again, with that one's message.
 * @throws ApplicationFailure where a backtest's turn may not be answered any more: its user has deleted the conversation.
 */
export async function pathToAnswer(
  store: Pick<EventStore, "turnPath" | "conversation">,
  turnId: string,
): Promise<TurnState[]> {
  const path = await store.turnPath(turnId);
  const turn = path.at(-1);
  if (turn?.backtest === undefined) return path;
  const originalPath = await store.turnPath(turn.backtest.turnId);
  const original = originalPath.at(-1);
  const conversation = original && await store.conversation(original.conversationId);
  if (!conversation || conversation.deleted) {
    throw ApplicationFailure.nonRetryable(
      `Cannot answer turn ${turn.backtest.turnId} again: its user has deleted it`,
    );
  }
  const { message, request } = original;
  return [...originalPath.slice(0, -1), { ...turn, message, request }];
}
