/**
 * The stream of a turn: the parts that a reader follows while an answer is written. Each part has a position,
 * `attempt.sequence`, without gaps within an attempt: `attempt-start` is 0, then deltas, then `attempt-end`; a `waiting`
 * and the `end` take the next numbers after the attempt before them; `start` is `0.0`.
 */
import type { TurnState } from "./conversation.ts";
import type { Failure } from "./failure.ts";
import { knownTurnCost } from "./known_cost.ts";
import type { ToolCallDelta } from "./tool_call.ts";
import type { FinishReason, Usage } from "./usage.ts";

export type StreamPart =
  | { type: "start"; turnId: string; conversationId: string }
  | {
    type: "attempt-start";
    attempt: number;
    provider: string;
    model: string;
    /** Why there is another attempt; absent at the first one. */
    reason?: Failure;
    /**
     * The length, in UTF-16 code units, of the text sent so far that this attempt continues. Absent where it begins
     * anew: the text so far is replaced.
     */
    continues?: number;
  }
  | DeltaPart
  | {
    type: "attempt-end";
    attempt: number;
    outcome: "completed" | "stopped" | "failed";
    error?: Failure;
  }
  | { type: "waiting"; until: string; reason: Failure }
  | {
    type: "end";
    status: "completed" | "stopped" | "failed";
    usage: Usage;
    /** Null where the cost of any attempt is not known, as its model has no price. */
    costUsd: number | null;
    finishReason: FinishReason | null;
    /** The length of the answer that is kept, where the user stopped it. */
    textLength?: number;
    error?: Failure;
  };

/** A piece of an answer. */
export type DeltaPart =
  | { type: "text-delta"; text: string }
  | { type: "reasoning-delta"; text: string }
  | { type: "tool-call-delta" } & ToolCallDelta;

/** A place in the stream of a turn. */
export interface Position {
  attempt: number;
  sequence: number;
}

/** A part with its place. */
export interface PlacedPart {
  position: Position;
  part: StreamPart;
}

/** @returns Negative if `a` comes before `b`, positive if after, 0 if they are the same place. */
export function comparePositions(a: Position, b: Position): number {
  return a.attempt - b.attempt || a.sequence - b.sequence;
}

export function formatPosition({ attempt, sequence }: Position): string {
  return `${attempt}.${sequence}`;
}

/** @returns The position, or null where the text is not of the form `attempt.sequence`. */
export function parsePosition(text: string): Position | null {
  const match = /^(\d{1,9})\.(\d{1,9})$/.exec(text);
  return match && { attempt: Number(match[1]), sequence: Number(match[2]) };
}

/** What a reader shows of a turn while it follows the stream. */
export interface Answer {
  text: string;
  reasoning: string;
  /** Lengths of the text at which another attempt continued it. */
  seams: number[];
}

/** Folds one part into what a reader shows; the sum of a whole stream is the answer, exactly. */
export function applyPart(answer: Answer, part: StreamPart): Answer {
  switch (part.type) {
    case "attempt-start":
      if (part.continues === undefined) return { text: "", reasoning: "", seams: [] };
      return {
        ...answer,
        text: answer.text.slice(0, part.continues),
        // An attempt may be told twice, and one may write nothing before the next: a place is one seam.
        seams: [...answer.seams.filter((seam) => seam < part.continues!), part.continues],
      };
    case "text-delta":
      return { ...answer, text: answer.text + part.text };
    case "reasoning-delta":
      return { ...answer, reasoning: answer.reasoning + part.text };
    case "end":
      return part.textLength === undefined
        ? answer
        : { ...answer, text: answer.text.slice(0, part.textLength) };
    // People are shown the text of an answer; calls are for programs.
    case "tool-call-delta":
    case "start":
    case "attempt-end":
    case "waiting":
      return answer;
  }
}

/** The `end` of a turn that has ended, as its events tell it. */
export function endPart(turn: TurnState): StreamPart {
  if (turn.status !== "completed" && turn.status !== "stopped" && turn.status !== "failed") {
    throw new TypeError(`Cannot end the stream of turn ${turn.turnId}: it is ${turn.status}`);
  }
  return {
    type: "end",
    status: turn.status,
    usage: turn.usage,
    costUsd: knownTurnCost(turn),
    finishReason: turn.finishReason,
    ...(turn.status === "stopped" && { textLength: turn.text.length }),
    ...(turn.error && { error: turn.error }),
  };
}
