/** Follows the stream of a turn, and goes on by itself after the connection was lost. */
import {
  comparePositions,
  formatPosition,
  parsePosition,
} from "../../events/contract/stream_part.ts";

/** @import { Position, StreamPart } from "../../events/contract/stream_part.ts" */

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
 * @param {{ onPart: (part: StreamPart) => void, onConnection: (state: "open" | "lost") => void }} listener
 * @returns {{ close(): void }}
 */
export function followStream(path, { onPart, onConnection }) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {Position | null} */
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
    source = new EventSource(last === null ? path : `${path}?after=${formatPosition(last)}`);
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
    const position = parsePosition(event.lastEventId);
    // The browser resumes after the last id it has seen; a part that comes again all the same is not applied again.
    if (position !== null && last !== null && comparePositions(position, last) <= 0) return;
    last = position ?? last;
    onPart({ type, ...JSON.parse(event.data) });
    if (type === "end") close();
  }

  function onError() {
    if (closed) return;
    onConnection("lost");
    if (source?.readyState !== EventSource.CLOSED) return;
    timer = setTimeout(open, retryDelaysMs[Math.min(failures++, retryDelaysMs.length - 1)]);
  }

  function close() {
    closed = true;
    clearTimeout(timer);
    removeEventListener("online", open);
    source?.close();
  }
}
