/** Follows the stream of a turn, and goes on by itself after the connection was lost. */
import {
  comparePositions,
  formatPosition,
  parsePosition,
} from "../../events/contract/stream_part.ts";

/** @import { Position, StreamPart } from "../../events/contract/stream_part.ts" */

/**
 * Where a part stands in the stream; the position is null where the server gave none.
 *
 * @typedef {{ position: Position | null, type: StreamPart["type"] }} Place
 */

/** Pauses between tries where the browser has given up, as after an answer that is no stream. */
const retryDelaysMs = [500, 1000, 2000, 4000, 8000];

const partTypes = /** @type {const} */ ([
  "start",
  "attempt-start",
  "text-delta",
  "reasoning-delta",
  "attempt-end",
  "waiting",
  "end",
]);

/**
 * Calls `onPart` with every part of the stream once and in order, from the beginning to the `end`.
 *
 * @param {string} path The stream's address.
 * @param {object} listener
 * @param {(part: StreamPart) => void} listener.onPart
 * @param {(state: "open" | "lost") => void} listener.onConnection
 * @param {() => void} listener.onRefused The server, or what stands before it, gave an answer that is no stream.
 * @returns {{ close(): void }}
 */
export function followStream(path, { onPart, onConnection, onRefused }) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {Place | null} */
  let last = null;
  let failures = 0;
  let closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  addEventListener("online", open);
  open();
  return { close };

  function open() {
    clearTimeout(timer);
    source?.close();
    const after = last?.position ?? null;
    source = new EventSource(after === null ? path : `${path}?after=${formatPosition(after)}`);
    source.addEventListener("open", () => {
      failures = 0;
      onConnection("open");
    });
    source.addEventListener("error", onError);
    for (const type of partTypes) {
      source.addEventListener(type, (event) => receive(type, event));
    }
  }

  /**
   * @param {StreamPart["type"]} type
   * @param {MessageEvent<string>} event
   */
  function receive(type, event) {
    const place = { position: parsePosition(event.lastEventId), type };
    if (!isNext(place, last)) return;
    last = place;
    onPart({ type, ...JSON.parse(event.data) });
    if (type === "end") close();
  }

  function onError() {
    if (closed) return;
    onConnection("lost");
    if (source?.readyState !== EventSource.CLOSED) return;
    onRefused();
    timer = setTimeout(open, retryDelaysMs[Math.min(failures++, retryDelaysMs.length - 1)]);
  }

  function close() {
    closed = true;
    clearTimeout(timer);
    removeEventListener("online", open);
    source?.close();
  }
}

/**
 * Tells the next part from one that comes again although the browser resumes after the last id it has seen. After a
 * restart a server may tell an attempt once more from its start, which replaces what was shown of it, and in whole:
 * reasoning and text then have one position.
 *
 * @param {Place} part
 * @param {Place | null} last The one before.
 */
export function isNext(part, last) {
  if (part.position === null || last === null || last.position === null) return true;
  const order = comparePositions(part.position, last.position);
  if (order === 0) return part.type !== last.type;
  return order > 0 ||
    part.type === "attempt-start" && part.position.attempt === last.position.attempt;
}
