/** Tells Temporal that an activity lives, and how far it is. */
import type { Context } from "@temporalio/activity";

/**
 * How much later than it should a heartbeat may come without its activity being believed dead: as machines stand still now
 * and then. Temporal's own throttle would leave 0.4 s of two.
 */
const slackMs = 1200;
/** Temporal's own throttle, for timeouts that leave more than that. */
const throttleShare = 0.8;
/** For the options of a worker: what it passes on at most. Who beats decides how often. */
export const heartbeatThrottleMs = 500;

/**
 * Each heartbeat is a write of Temporal's database: no more of them than the timeout needs.
 *
 * @param context Of an activity with a heartbeat timeout of two seconds or more.
 */
export function heartbeatUntilDisposed(context: Context, tellProgress: () => unknown): Disposable {
  const timeoutMs = context.info.heartbeatTimeoutMs!;
  const beatMs = Math.min(timeoutMs - slackMs, timeoutMs * throttleShare);
  const timer = setInterval(() => context.heartbeat(tellProgress()), beatMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
