/** Answers a program with a turn: whole when it has ended, or as a stream of server-sent events. */
import type { Context } from "hono";
import type { TurnState } from "../events/contract/conversation.ts";
import type { PlacedPart } from "../events/contract/stream_part.ts";
import { openStreams } from "./metrics.ts";
import type { FollowedTurn, ProgramTurns } from "./program_turns.ts";
import type { ApiEnvironment } from "./router.ts";

/** How one kind of client is answered. */
export interface AnswerShape {
  /** @param turn One that has ended, and did not fail. */
  whole(turn: TurnState): Record<string, unknown>;
  /**
   * The server-sent events of a turn, as they go to the client.
   *
   * @throws What keeps the answer from being completed.
   */
  frames(parts: AsyncIterable<PlacedPart | null>, turn: FollowedTurn): AsyncGenerator<string>;
  /** What tells the client of an error after the first event. */
  errorFrame(error: unknown): string;
}

/** A comment, which clients pass over. */
export const heartbeatFrame = ": still here\n\n";

/** @throws TurnFailedError, AnswerReplacedError or ProblemError where nothing was answered yet. */
export async function answerProgram(
  turns: ProgramTurns,
  turn: FollowedTurn,
  context: Context<ApiEnvironment>,
  { stream, shape }: { stream: boolean; shape: AnswerShape },
): Promise<Response> {
  const { signal } = context.req.raw;
  const headers = headersOf(turn);
  if (!stream) {
    return context.json(shape.whole(await turns.untilEnded(turn, signal)), 200, headers);
  }
  const frames = shape.frames(turns.follow(turn, signal), turn);
  // Also where nobody has begun to read them.
  signal.addEventListener("abort", () => frames.return(undefined), { once: true });
  // The answer begins with its first event, so that an error before it, as of a provider that refuses, has its own status.
  const first = await frames.next();
  return new Response(ReadableStream.from(encode(first, frames, shape)), {
    headers: {
      ...headers,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      // A proxy that buffers would hold the words back.
      "x-accel-buffering": "no",
    },
  });
}

async function* encode(
  first: IteratorResult<string>,
  frames: AsyncGenerator<string>,
  { errorFrame }: AnswerShape,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  openStreams.inc();
  try {
    if (!first.done) yield encoder.encode(first.value);
    for await (const frame of frames) yield encoder.encode(frame);
  } catch (error) {
    yield encoder.encode(errorFrame(error));
  } finally {
    openStreams.dec();
  }
}

/** The headers by which a caller finds the turn again; the last two are how OpenAI's and Anthropic's clients name a request. */
function headersOf({ turnId, conversationId }: FollowedTurn): Record<string, string> {
  return {
    "x-turnlog-turn-id": turnId,
    "x-turnlog-conversation-id": conversationId,
    "x-request-id": turnId,
    "request-id": turnId,
  };
}
