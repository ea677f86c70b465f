/** The event with which a turn ends. */
import type { TurnState } from "../events/contract/conversation.ts";
import { type ConversationEvent, createEvent, type TurnEnd } from "../events/contract/event.ts";
import type { Failure } from "../events/contract/failure.ts";
import type { FinishReason } from "../events/contract/usage.ts";
import { eventSource, subjectOf } from "./turn_events.ts";

/** How a turn ends, without any text. */
export type TurnOutcome =
  | { type: "turn.completed"; finishReason: FinishReason }
  | { type: "turn.failed"; error: Failure }
  /** `seenLength`: how much of the answer the user had seen, in UTF-16 code units; all of it where absent. */
  | { type: "turn.stopped"; seenLength?: number };

/** @param turn After all its attempts. */
export function turnEndEvent(turn: TurnState, id: string, outcome: TurnOutcome): ConversationEvent {
  const now = new Date();
  const end: TurnEnd = {
    attempts: turn.attempts.length,
    durationMs: now.getTime() - Date.parse(turn.sentAt),
    usage: turn.usage,
    costUsd: turn.costUsd,
  };
  const envelope = { id, source: eventSource, subject: subjectOf(turn), time: now };
  switch (outcome.type) {
    case "turn.completed": {
      const data = { ...end, finishReason: outcome.finishReason };
      return createEvent({ ...envelope, type: outcome.type, data });
    }
    case "turn.failed": {
      const data = { ...end, error: outcome.error };
      return createEvent({ ...envelope, type: outcome.type, data });
    }
    case "turn.stopped": {
      const textLength = Math.min(outcome.seenLength ?? Infinity, turn.text.length);
      return createEvent({ ...envelope, type: outcome.type, data: { ...end, textLength } });
    }
  }
}
