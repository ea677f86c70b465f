/** The stream of a turn as OpenAI's server-sent chunks. Each delta has its place as `id`, from which it can be resumed. */
import { formatPosition, type PlacedPart } from "../../events/contract/stream_part.ts";
import { heartbeatFrame } from "../program_answer.ts";
import { TurnFailedError } from "../program_error.ts";
import { type FollowedTurn, lostTurn } from "../program_turns.ts";
import { type Increment, SentAnswer } from "../sent_answer.ts";
import {
  completionChunk,
  type CompletionHead,
  completionHead,
  mapFinishReason,
  usageChunk,
} from "./completion.ts";

/**
 * @param includeUsage Whether a last chunk tells the tokens.
 * @throws TurnFailedError, AnswerReplacedError, ProblemError where the answer cannot be completed.
 */
export async function* completionFrames(
  parts: AsyncIterable<PlacedPart | null>,
  turn: FollowedTurn,
  includeUsage: boolean,
): AsyncGenerator<string> {
  const sent = new SentAnswer({ isResumed: turn.after !== null });
  // Until an attempt tells who answers, it is whoever was asked.
  const model = turn.attempts.at(-1)?.model ?? turn.route;
  const head: CompletionHead = completionHead(turn.turnId, turn.sentAt, model);
  const usage = includeUsage ? null : undefined;
  const frame = (delta: Record<string, unknown>, finishReason: string | null = null) =>
    dataFrame(completionChunk(head, delta, finishReason, usage));
  let isBegun = false;
  for await (const placed of parts) {
    if (placed === null) {
      yield heartbeatFrame;
      continue;
    }
    const { part, position } = placed;
    if (part.type === "attempt-start") head.model = part.model;
    const increment = sent.take(part);
    if (part.type === "end" && part.status === "failed") throw new TurnFailedError(part.error!);
    if (!isBegun && (increment || part.type === "end")) {
      isBegun = true;
      yield frame({ role: "assistant", content: "" });
    }
    if (increment) yield `id: ${formatPosition(position)}\n` + frame(deltaOf(increment));
    if (part.type === "end") {
      yield frame({}, mapFinishReason(part.finishReason));
      if (includeUsage) yield dataFrame(usageChunk(head, part.usage));
      yield "data: [DONE]\n\n";
      return;
    }
  }
  throw lostTurn(turn.turnId);
}

function deltaOf(increment: Increment): Record<string, unknown> {
  switch (increment.type) {
    case "text":
      return { content: increment.text };
    case "reasoning":
      return { reasoning_content: increment.text };
    case "tool-call": {
      const { index, id, name, arguments: text } = increment;
      const begins = id !== undefined || name !== undefined;
      const head = begins ? { id, type: "function" } : {};
      return {
        tool_calls: [{ index, ...head, function: { ...(begins && { name }), arguments: text } }],
      };
    }
  }
}

function dataFrame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
