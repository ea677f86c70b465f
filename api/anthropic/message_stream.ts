/** The stream of a turn as Anthropic's events: blocks of thoughts, text and calls, one after the other. */
import {
  formatPosition,
  type PlacedPart,
  type Position,
} from "../../events/contract/stream_part.ts";
import { heartbeatFrame } from "../program_answer.ts";
import { TurnFailedError } from "../program_error.ts";
import { type FollowedTurn, lostTurn } from "../program_turns.ts";
import { type Increment, SentAnswer } from "../sent_answer.ts";
import {
  emptyMessage,
  mapStopReason,
  mapUsage,
  textBlock,
  thinkingBlock,
  toolUseBlock,
} from "./message.ts";

/** @throws TurnFailedError, AnswerReplacedError, ProblemError where the answer cannot be completed. */
export async function* messageFrames(
  parts: AsyncIterable<PlacedPart | null>,
  turn: FollowedTurn,
): AsyncGenerator<string> {
  const sent = new SentAnswer({ isResumed: turn.after !== null });
  const blocks = new Blocks();
  // Until an attempt tells who answers, it is whoever was asked.
  let model = turn.attempts.at(-1)?.model ?? turn.route;
  let isBegun = false;
  for await (const placed of parts) {
    if (placed === null) {
      yield heartbeatFrame;
      continue;
    }
    const { part, position } = placed;
    if (part.type === "attempt-start") model = part.model;
    const increment = sent.take(part);
    if (part.type === "end" && part.status === "failed") throw new TurnFailedError(part.error!);
    if (!isBegun && (increment || part.type === "end")) {
      isBegun = true;
      yield frame({ type: "message_start", message: emptyMessage(turn.turnId, model) });
    }
    if (increment) yield blocks.add(increment, position);
    if (part.type === "end") {
      const stop_reason = mapStopReason(part.finishReason);
      yield blocks.end() +
        frame({
          type: "message_delta",
          delta: { stop_reason, stop_sequence: null },
          usage: mapUsage(part.usage),
        }) +
        frame({ type: "message_stop" });
      return;
    }
  }
  throw lostTurn(turn.turnId);
}

/** The blocks of a message, of which one is open at a time. */
class Blocks {
  #index = -1;
  /** Tells the open block from the others; null where none is open. */
  #open: string | null = null;
  /** The number of the call that began last. */
  #lastCall = -1;

  add(increment: Increment, position: Position): string {
    const opened = this.#openFor(increment);
    const delta = deltaOf(increment);
    // A call that begins may have no arguments yet.
    if (delta === null) return opened;
    const data = { type: "content_block_delta", index: this.#index, delta };
    return opened + frame(data, position);
  }

  end(): string {
    if (this.#open === null) return "";
    this.#open = null;
    return frame({ type: "content_block_stop", index: this.#index });
  }

  #openFor(increment: Increment): string {
    const call = increment.type === "tool-call" ? increment.index : null;
    const name = `${increment.type} ${call}`;
    if (name === this.#open) return "";
    if (call !== null && call < this.#lastCall) {
      throw new TypeError("Cannot add to a call of a tool: Anthropic's stream has closed it");
    }
    this.#lastCall = call ?? this.#lastCall;
    const ended = this.end();
    this.#open = name;
    this.#index++;
    const content_block = blockOf(increment);
    return ended + frame({ type: "content_block_start", index: this.#index, content_block });
  }
}

function blockOf(increment: Increment) {
  switch (increment.type) {
    case "text":
      return textBlock;
    case "reasoning":
      return thinkingBlock;
    case "tool-call":
      return toolUseBlock({ id: increment.id ?? "", name: increment.name ?? "" });
  }
}

function deltaOf(increment: Increment) {
  switch (increment.type) {
    case "text":
      return { type: "text_delta", text: increment.text };
    case "reasoning":
      return { type: "thinking_delta", thinking: increment.text };
    case "tool-call":
      return increment.arguments === ""
        ? null
        : { type: "input_json_delta", partial_json: increment.arguments };
  }
}

function frame(data: { type: string } & Record<string, unknown>, position?: Position): string {
  const id = position ? `id: ${formatPosition(position)}\n` : "";
  return `${id}event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
