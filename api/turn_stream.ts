/**
 * Reads the stream of one turn for one reader, from any place on, without a gap and without repeating anything: from what
 * this process has heard, and from the store where it has not heard all.
 */
import { isEnded, type TurnState } from "../events/contract/conversation.ts";
import {
  comparePositions,
  endPart,
  type PlacedPart,
  type Position,
} from "../events/contract/stream_part.ts";
import { sleep } from "../events/sleep.ts";
import type { LiveTurn } from "./live_turn.ts";
import { type Cursor, storedParts } from "./stored_parts.ts";

/** How often a reader that hears nothing gets a sign of life, and the store is asked whether something was missed. */
const heartbeatMs = 10_000;
/** How often the store is asked while there is a gap that it cannot fill yet. */
const gapMs = 250;

/** What a reader has to know of a turn before it begins. */
export type StreamedTurn = Pick<TurnState, "turnId" | "conversationId" | "attempts">;

/**
 * Yields the parts after a place, and `null` as a heartbeat; ends after the `end`.
 *
 * @param after Where the reader is; null for the whole stream.
 * @param loadTurn Reads the turn from the store.
 * @param signal Aborted when the reader goes.
 */
export async function* readTurnStream({ turn, after, live, loadTurn, signal }: {
  turn: StreamedTurn;
  after: Position | null;
  live: LiveTurn;
  loadTurn: () => Promise<TurnState | null>;
  signal: AbortSignal;
}): AsyncGenerator<PlacedPart | null> {
  using reader = new Reader(turn, after, live, signal);
  if (after === null) yield reader.start();
  // At first the store may know more than was heard; later it is asked only when something seems to be missing.
  let isStoreAsked = false;
  while (!signal.aborted) {
    const heard = reader.next();
    if (heard !== null) {
      if (heard.part.type !== "end") yield heard;
      else if (await reader.isOver(loadTurn)) return yield heard;
      continue;
    }
    if (!isStoreAsked) {
      isStoreAsked = true;
      const { parts, isOver } = await reader.fill(loadTurn);
      yield* parts;
      if (isOver) return;
      continue;
    }
    const woken = await reader.wait();
    isStoreAsked = woken === "news";
    if (woken === "silence") yield null;
  }
}

class Reader {
  readonly #live: LiveTurn;
  readonly #turn: StreamedTurn;
  #cursor: Cursor;
  /** Whether the attempt at the cursor is over, so that the next one follows. */
  #isAttemptOver: boolean;
  /** Whether something was heard since `next` looked. */
  #hasNews = false;
  #wake: () => void = () => {};
  readonly #signal: AbortSignal;
  readonly #unlisten: () => void;

  constructor(turn: StreamedTurn, after: Position | null, live: LiveTurn, signal: AbortSignal) {
    this.#turn = turn;
    this.#live = live;
    this.#signal = signal;
    this.#unlisten = live.listen(() => {
      this.#hasNews = true;
      this.#wake();
    });
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    const position = after ?? { attempt: 0, sequence: 0 };
    this.#cursor = { position, lengths: live.lengthsAt(position) };
    this.#isAttemptOver = position.attempt === 0 || isLast(live.partAt(position)?.type) ||
      hasAllOf(turn, position);
  }

  start(): PlacedPart {
    const { turnId, conversationId } = this.#turn;
    return {
      position: this.#cursor.position,
      part: { type: "start", turnId, conversationId },
    };
  }

  /** The part that follows the cursor without a gap, if it was heard. */
  next(): PlacedPart | null {
    this.#hasNews = false;
    const { attempt, sequence } = this.#cursor.position;
    return this.#take({ attempt, sequence: sequence + 1 }) ??
      (this.#isAttemptOver ? this.#take({ attempt: attempt + 1, sequence: 0 }) : null);
  }

  /** Whether an `end` that was heard is the last word: an operator may have reset the turn after it. */
  async isOver(loadTurn: () => Promise<TurnState | null>): Promise<boolean> {
    const last = this.#live.position;
    if (last !== null && comparePositions(last, this.#cursor.position) > 0) return false;
    const turn = await loadTurn();
    return turn === null || isEnded(turn);
  }

  /** What the store can tell after the cursor, and whether that is all that there will be. */
  async fill(
    loadTurn: () => Promise<TurnState | null>,
  ): Promise<{ parts: PlacedPart[]; isOver: boolean }> {
    const turn = await loadTurn();
    if (turn === null) return { parts: [], isOver: true };
    const parts = storedParts(turn, this.#cursor);
    parts.forEach((part) => this.#advance(part));
    // A worker that only hung may have said more of an attempt than the one that ended it for it knew.
    if (hasAllOf(turn, this.#cursor.position)) this.#isAttemptOver = true;
    const order = comparePositions(this.#cursor.position, turn.position);
    // Whoever comes from a place that the turn never reached, and is told no end, comes again for ever.
    if (order > 0 && isEnded(turn)) parts.push({ position: turn.position, part: endPart(turn) });
    const isAtEnd = order >= 0;
    return { parts, isOver: isEnded(turn) && isAtEnd };
  }

  /**
   * Waits for something new: `news` was heard, `gap` where parts are missing that the store may be able to tell by now,
   * `silence` where nothing was heard for a heartbeat.
   */
  async wait(): Promise<"news" | "gap" | "silence"> {
    if (this.#hasNews) return "news";
    const last = this.#live.position;
    if (last !== null && comparePositions(last, this.#cursor.position) > 0) {
      await sleep(gapMs, this.#signal);
      return "gap";
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, heartbeatMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.#hasNews ? "news" : "silence";
  }

  [Symbol.dispose](): void {
    this.#unlisten();
  }

  #take(position: Position): PlacedPart | null {
    const part = this.#live.partAt(position);
    if (part === null) return null;
    const placed = { position, part };
    this.#advance(placed);
    return placed;
  }

  #advance({ position, part }: PlacedPart): void {
    const { lengths } = this.#cursor;
    this.#isAttemptOver = isLast(part.type);
    this.#cursor.position = position;
    if (part.type === "attempt-start") this.#cursor.lengths = { text: 0, reasoning: 0 };
    if (lengths === null) return;
    if (part.type === "text-delta") lengths.text += part.text.length;
    if (part.type === "reasoning-delta") lengths.reasoning += part.text.length;
  }
}

/** Whether the attempt has ended, at this place or before it. */
function hasAllOf({ attempts }: StreamedTurn, { attempt, sequence }: Position): boolean {
  const lastSequence = attempts[attempt - 1]?.lastSequence ?? null;
  return lastSequence !== null && sequence >= lastSequence;
}

/** Parts after which nothing more comes of an attempt but what the turn itself has to say. */
function isLast(type: string | undefined): boolean {
  return type === "attempt-end" || type === "waiting" || type === "end";
}
