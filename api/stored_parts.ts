/** The stream of a turn as the store can tell it: whole attempts that have ended, and how the turn stands. */
import { type AttemptState, isEnded, type TurnState } from "../events/contract/conversation.ts";
import {
  comparePositions,
  endPart,
  type PlacedPart,
  type Position,
  type StreamPart,
} from "../events/contract/stream_part.ts";

/** How far a reader is. */
export interface Cursor {
  position: Position;
  /** How much of the attempt's own text and reasoning it has; null where that is not known. */
  lengths: { text: number; reasoning: number } | null;
}

/**
 * The parts after the cursor, as far as the events account for them. An attempt that the reader has in part is completed
 * by what it lacks; where it is not known how much it has, the attempt is told again from its `attempt-start`, which
 * replaces what was shown of it.
 */
export function storedParts(turn: TurnState, { position, lengths }: Cursor): PlacedPart[] {
  const parts = turn.attempts
    .filter(({ attempt }) => attempt >= position.attempt)
    .flatMap((attempt) =>
      attempt.attempt > position.attempt
        ? attemptParts(attempt, null)
        : isBeyond(attempt, position)
        ? []
        : attemptParts(attempt, hasOf(attempt, { position, lengths }))
    );
  const last = statusPart(turn);
  if (last && comparePositions(turn.position, position) > 0) {
    parts.push({ position: turn.position, part: last });
  }
  return parts;
}

/** @returns Whether the reader has all of the attempt. */
function isBeyond({ lastSequence }: AttemptState, { sequence }: Position): boolean {
  return lastSequence !== null && sequence >= lastSequence;
}

/** @returns How much the reader has of the attempt; null where it is to be told again, as with one that calls tools. */
function hasOf({ toolCalls }: AttemptState, { position, lengths }: Cursor): Cursor["lengths"] {
  if (position.sequence === 0) return { text: 0, reasoning: 0 };
  return toolCalls ? null : lengths;
}

/** @param has What the reader has of the attempt; null where it is to be told from the beginning. */
function attemptParts(
  state: AttemptState,
  has: { text: number; reasoning: number } | null,
): PlacedPart[] {
  const { attempt, lastSequence } = state;
  if (lastSequence === null) return [];
  const place = (sequence: number, part: StreamPart) => ({ position: { attempt, sequence }, part });
  const parts: PlacedPart[] = [];
  if (has === null) parts.push(place(0, startOf(state)));
  const reasoning = state.reasoning.slice(has?.reasoning ?? 0);
  const text = state.text.slice(has?.text ?? 0);
  // The last deltas' own numbers are not known; what comes after them is all the same.
  const deltaSequence = Math.max(lastSequence - 1, 0);
  if (reasoning) parts.push(place(deltaSequence, { type: "reasoning-delta", text: reasoning }));
  if (text) parts.push(place(deltaSequence, { type: "text-delta", text }));
  state.toolCalls?.forEach((call, index) =>
    parts.push(place(deltaSequence, { type: "tool-call-delta", index, ...call }))
  );
  parts.push(place(lastSequence, endOf(state)));
  return parts;
}

function startOf({ attempt, provider, model, reason, continues }: AttemptState): StreamPart {
  return {
    type: "attempt-start",
    attempt,
    provider,
    model,
    ...(reason && { reason }),
    ...(continues > 0 && { continues }),
  };
}

function endOf({ attempt, status, error }: AttemptState): StreamPart {
  const outcome = status === "running" ? "failed" : status;
  return { type: "attempt-end", attempt, outcome, ...(error && { error }) };
}

function statusPart(turn: TurnState): StreamPart | null {
  if (isEnded(turn)) return endPart(turn);
  return turn.waiting && { type: "waiting", ...turn.waiting };
}
