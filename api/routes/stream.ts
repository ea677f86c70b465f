/** The stream of a turn as server-sent events. */
import { createRoute } from "@hono/zod-openapi";
import {
  formatPosition,
  parsePosition,
  type PlacedPart,
} from "../../events/contract/stream_part.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { findTurn } from "../access.ts";
import type { LiveHub } from "../live_hub.ts";
import { openStreams } from "../metrics.ts";
import { createRouter, problemAnswers } from "../router.ts";
import * as schemas from "../schemas.ts";
import { readTurnStream } from "../turn_stream.ts";

const stream = createRoute({
  method: "get",
  path: "/api/turns/{turnId}/stream",
  tags: ["Turns"],
  summary: "Follow a turn while it is answered, from any place on",
  description:
    "Events `start`, `attempt-start`, `text-delta`, `reasoning-delta`, `attempt-end`, `waiting` and `end`; " +
    "`id` is `attempt.sequence`. `Last-Event-ID`, or `after`, resumes without gap or repeat.",
  request: { params: schemas.turnParams, query: schemas.streamQuery },
  responses: {
    200: {
      description: "The parts of the stream; it is closed after `end`",
      content: { "text/event-stream": {} },
    },
    ...problemAnswers,
  },
});

/** When a browser whose connection broke comes back; by itself it would wait for three seconds. */
const reconnectMs = 500;

export function streamRoutes({ store, hub }: { store: EventStore; hub: LiveHub }) {
  return createRouter().openapi(stream, async (context) => {
    const { turnId } = context.req.valid("param");
    const turn = await findTurn(store, turnId, context.get("userKey"));
    const { signal } = context.req.raw;
    await hub.whenCaughtUp(signal);
    const parts = readTurnStream({
      turn,
      after: parsePosition(
        context.req.header("last-event-id") ?? context.req.valid("query").after ?? "",
      ),
      live: hub.turn(turnId),
      loadTurn: () => store.turn(turnId),
      signal,
    });
    return new Response(ReadableStream.from(encode(parts)), {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        // A proxy that buffers would hold the words back.
        "x-accel-buffering": "no",
      },
    });
  });
}

async function* encode(parts: AsyncIterable<PlacedPart | null>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  openStreams.inc();
  try {
    yield encoder.encode(`retry: ${reconnectMs}\n\n`);
    for await (const placed of parts) yield encoder.encode(frameOf(placed));
  } finally {
    openStreams.dec();
  }
}

function frameOf(placed: PlacedPart | null): string {
  if (placed === null) return ": still here\n\n";
  const { type, ...data } = placed.part;
  return `id: ${formatPosition(placed.position)}\nevent: ${type}\ndata: ${
    JSON.stringify(data)
  }\n\n`;
}
