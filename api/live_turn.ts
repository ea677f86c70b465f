/** What an api process has heard of one turn's stream: its parts in order, in little memory. */
import {
  comparePositions,
  type PlacedPart,
  type Position,
  type StreamPart,
} from "../events/contract/stream_part.ts";

/** One attempt, or what comes before the first one (attempt 0): parts that follow each other without a gap. */
class LiveAttempt {
  readonly attempt: number;
  /** Above 0 where this process began to listen, or missed something, later than the attempt began. */
  readonly firstSequence: number;
  /** By number from `firstSequence`: a delta is a number, all else stands here itself. */
  readonly #parts: (StreamPart | number)[] = [];
  #text = "";
  #reasoning = "";
  #argumentsLength = 0;

  constructor({ attempt, sequence }: Position) {
    this.attempt = attempt;
    this.firstSequence = sequence;
  }

  get lastSequence(): number {
    return this.firstSequence + this.#parts.length - 1;
  }

  get length(): number {
    return this.#text.length + this.#reasoning.length + this.#argumentsLength + this.#parts.length;
  }

  /** A delta of text is told by where it ends; one of reasoning by the negative of that. */
  add(part: StreamPart): void {
    if (part.type === "text-delta") this.#parts.push((this.#text += part.text).length);
    else if (part.type === "reasoning-delta") {
      this.#parts.push(-(this.#reasoning += part.text).length);
    } else {
      this.#parts.push(part);
      if (part.type === "tool-call-delta") this.#argumentsLength += part.arguments.length;
    }
  }

  partAt(sequence: number): StreamPart | undefined {
    const part = this.#parts[sequence - this.firstSequence];
    if (typeof part !== "number") return part;
    const { text, reasoning } = this.lengthsAt(sequence - 1);
    return part > 0
      ? { type: "text-delta", text: this.#text.slice(text, part) }
      : { type: "reasoning-delta", text: this.#reasoning.slice(reasoning, -part) };
  }

  /** How much text and reasoning there is up to this part and with it. */
  lengthsAt(sequence: number): { text: number; reasoning: number } {
    let text: number | undefined;
    let reasoning: number | undefined;
    for (let index = sequence - this.firstSequence; index >= 0; index--) {
      const part = this.#parts[index];
      if (typeof part === "number") {
        if (part > 0) text ??= part;
        else reasoning ??= -part;
      }
      if (text !== undefined && reasoning !== undefined) break;
    }
    return { text: text ?? 0, reasoning: reasoning ?? 0 };
  }
}

export class LiveTurn {
  readonly #attempts: LiveAttempt[] = [];
  readonly #listeners = new Set<() => void>();
  #isEnded = false;
  /** When a part was heard last, in milliseconds since 1970. */
  lastHeardMs = Date.now();

  /** Whether the last part is the `end`. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The last part's place; null before the first one. */
  get position(): Position | null {
    const last = this.#attempts.at(-1);
    return last ? { attempt: last.attempt, sequence: last.lastSequence } : null;
  }

  /** How much memory it takes, about, in characters. */
  get length(): number {
    return this.#attempts.reduce((sum, { length }) => sum + length, 0);
  }

  get isRead(): boolean {
    return this.#listeners.size > 0;
  }

  /**
   * Takes a part, unless it comes at or before the last one: Kafka may deliver twice, and a worker that was believed dead
   * may go on for a moment with an attempt that another one has followed.
   */
  hear({ position, part }: PlacedPart): void {
    const last = this.position;
    if (last !== null && comparePositions(position, last) <= 0) return;
    this.#attemptFor(position).add(part);
    this.#isEnded = part.type === "end";
    this.lastHeardMs = Date.now();
    for (const listener of this.#listeners) listener();
  }

  partAt({ attempt, sequence }: Position): StreamPart | null {
    return this.#find(attempt)?.partAt(sequence) ?? null;
  }

  /** @returns The lengths of the attempt's text and reasoning at this place; null where its beginning was not heard. */
  lengthsAt({ attempt, sequence }: Position): { text: number; reasoning: number } | null {
    const found = this.#find(attempt);
    const isHeard = found?.firstSequence === 0 && sequence <= found.lastSequence;
    return isHeard ? found.lengthsAt(sequence) : null;
  }

  /** Calls back whenever a part was heard. @returns What ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What lies before a gap is forgotten: the store fills it once the attempt has ended. */
  #attemptFor(position: Position): LiveAttempt {
    const last = this.#attempts.at(-1);
    if (last?.attempt === position.attempt) {
      if (position.sequence === last.lastSequence + 1) return last;
      this.#attempts.pop();
    }
    const attempt = new LiveAttempt(position);
    this.#attempts.push(attempt);
    return attempt;
  }

  #find(attempt: number): LiveAttempt | undefined {
    return this.#attempts.find((candidate) => candidate.attempt === attempt);
  }
}
