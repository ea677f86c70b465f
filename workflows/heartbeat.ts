/** Tells Temporal that an activity lives, and how far it is. */
import type { Context } from "@temporalio/activity";

/**
 * How much later than it should a heartbeat may come without its activity being believed dead: as machines stand still now
 * and then. Temporal's own throttle, 0.8 of the timeout, would leave half a second of 2.5.
 */
const slackMs = 1500;
/** For the options of a worker: what it passes on at most. Who beats decides how often. */
export const heartbeatThrottleMs = 500;

/** Each heartbeat is a write of Temporal's database: no more of them than the timeout needs. */
export function heartbeatUntilDisposed(context: Context, tellProgress: () => unknown): Disposable {
  const beatMs = context.info.heartbeatTimeoutMs! - slackMs;
  const timer = setInterval(() => context.heartbeat(tellProgress()), beatMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
