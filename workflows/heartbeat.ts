/** Tells Temporal that an activity lives, and how far it is. */
import type { Context } from "@temporalio/activity";

/**
 * Temporal passes on a heartbeat at most every 0.8 heartbeat timeouts. More of them would be thrown away, and each is the
 * whole answer so far: with a thousand streams two a second took half a processor.
 */
const heartbeatMs = 1000;

export function heartbeatUntilDisposed(context: Context, tellProgress: () => unknown): Disposable {
  const timer = setInterval(() => context.heartbeat(tellProgress()), heartbeatMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
