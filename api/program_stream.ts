/** Answers a program with a stream of server-sent events. */
import { openStreams } from "./metrics.ts";

/** A comment, which clients pass over. */
export const heartbeatFrame = ": still here\n\n";

/**
 * Answers with the frames as they come. The answer begins with the first of them, so that an error before it has a status
 * of its own, as with a provider that refuses the request; later ones end the stream.
 *
 * @param signal Aborted when the client goes.
 * @param errorFrame What tells the client of an error in the middle.
 * @throws What the frames throw before the first one.
 */
export async function answerStream(
  frames: AsyncGenerator<string>,
  { headers, signal, errorFrame }: {
    headers: Record<string, string>;
    signal: AbortSignal;
    errorFrame: (error: unknown) => string;
  },
): Promise<Response> {
  // Also where nobody has begun to read them.
  signal.addEventListener("abort", () => frames.return(undefined), { once: true });
  const first = await frames.next();
  return new Response(ReadableStream.from(encode(first, frames, errorFrame)), {
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
  errorFrame: (error: unknown) => string,
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
