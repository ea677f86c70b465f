/** Tells Temporal that an activity lives, and how far it is. */
import type { Context } from "@temporalio/activity";

/** Temporal passes on a heartbeat at most every 0.8 heartbeat timeouts; many more would be thrown away. */
const heartbeatMs = 500;

export function heartbeatUntilDisposed(context: Context, tellProgress: () => unknown): Disposable {
  const timer = setInterval(() => context.heartbeat(tellProgress()), heartbeatMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
