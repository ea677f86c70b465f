/**
 * What a program has been sent of an answer. Its stream has no word for taking anything back, so that all that follows must
 * agree with what was sent: a part that tells again what is known sends nothing, and one that contradicts it ends the
 * stream with an error.
 */
import type { StreamPart } from "../events/contract/stream_part.ts";
import type { ToolCallDelta } from "../events/contract/tool_call.ts";

/** What is new for the program. */
export type Increment =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  /** With `id` and `name` where the call begins. */
  | { type: "tool-call" } & ToolCallDelta;

/** The answer was begun anew after some of it had been sent, and is another one now. */
export class AnswerReplacedError extends Error {
  override name = "AnswerReplacedError";
}

export class SentAnswer {
  /** Whether the program came back in the middle, with a beginning that is not known here. */
  readonly #isResumed: boolean;
  readonly #text = new Channel();
  readonly #reasoning = new Channel();
  readonly #toolCalls = new Map<number, SentToolCall>();

  constructor({ isResumed }: { isResumed: boolean }) {
    this.#isResumed = isResumed;
  }

  /**
   * @returns What the part adds to what was sent; null where it adds nothing.
   * @throws AnswerReplacedError where what was sent is not the beginning of the answer any more.
   */
  take(part: StreamPart): Increment | null {
    switch (part.type) {
      case "attempt-start":
        this.#begin(part.continues);
        return null;
      case "text-delta": {
        const text = this.#text.add(part.text);
        if (text === null) throw replaced();
        return text === "" ? null : { type: "text", text };
      }
      case "reasoning-delta": {
        // Thoughts are no answer: those of a new attempt simply follow.
        const text = this.#reasoning.add(part.text) ?? this.#reasoning.append(part.text);
        return text === "" ? null : { type: "reasoning", text };
      }
      case "tool-call-delta":
        return this.#takeToolCall(part);
      case "end":
        if (part.status === "completed" && !this.#isWhole) throw replaced();
        return null;
      case "start":
      case "attempt-end":
      case "waiting":
        return null;
    }
  }

  get #isWhole(): boolean {
    return this.#text.isWhole &&
      this.#toolCalls.values().every(({ isTold, input }) => isTold && input.isWhole);
  }

  #takeToolCall({ index, id, name, arguments: text }: ToolCallDelta): Increment | null {
    const known = this.#toolCalls.get(index);
    if (known === undefined) {
      const input = new Channel();
      this.#toolCalls.set(index, { id, name, isTold: true, input });
      return { type: "tool-call", index, id, name, arguments: input.append(text) };
    }
    if ((id ?? known.id) !== known.id || (name ?? known.name) !== known.name) throw replaced();
    known.isTold = true;
    const added = known.input.add(text);
    if (added === null) throw replaced();
    return added === "" ? null : { type: "tool-call", index, arguments: added };
  }

  #begin(continues: number | undefined): void {
    if (this.#isResumed) {
      if (continues === undefined) throw replaced();
      return;
    }
    this.#text.tellFrom(continues ?? 0);
    if (continues !== undefined) return;
    this.#reasoning.tellFrom(0);
    for (const call of this.#toolCalls.values()) {
      call.isTold = false;
      call.input.tellFrom(0);
    }
  }
}

interface SentToolCall {
  id: string | undefined;
  name: string | undefined;
  /** Whether it was told again since the attempt began. */
  isTold: boolean;
  input: Channel;
}

/** A text that was sent, and how much of it has been told again since an attempt began. */
class Channel {
  #sent = "";
  #told = 0;

  /** Whether all that was sent has been told again. */
  get isWhole(): boolean {
    return this.#told >= this.#sent.length;
  }

  tellFrom(length: number): void {
    this.#told = length;
  }

  /** @returns What is new; null where it is not what was sent. */
  add(text: string): string | null {
    const known = this.#sent.slice(this.#told, this.#told + text.length);
    if (!text.startsWith(known)) return null;
    this.#told += text.length;
    const added = text.slice(known.length);
    this.#sent += added;
    return added;
  }

  append(text: string): string {
    this.#sent += text;
    this.#told = this.#sent.length;
    return text;
  }
}

function replaced(): AnswerReplacedError {
  return new AnswerReplacedError(
    "The answer broke off and was begun anew after its beginning had been sent; read it by its id",
  );
}
