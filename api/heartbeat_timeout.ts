/** How soon whoever writes an answer is missed when it dies. */

/** Up to 200 calls at once, an answer whose worker dies goes on after about three seconds. */
const timeoutMsMin = 3000;
const timeoutMsMax = 15_000;
const msPerCall = 15;

/**
 * A heartbeat is a write of Temporal's database: a thousand streams that were to be missed after three seconds would keep
 * it busy with nothing else. So the more there are, the later each one that begins is missed.
 *
 * @param callsUnderWay Of all workers.
 */
export function heartbeatTimeoutOf(callsUnderWay: number): number {
  return Math.min(Math.max(callsUnderWay * msPerCall, timeoutMsMin), timeoutMsMax);
}
