/** How soon whoever writes an answer is missed when it dies. */

/** Of users' answers; backtests, whose plans do not say it, have three seconds (`workflows/call_candidate.ts`). */
export const heartbeatTimeoutMs = 2000;
/**
 * The same of an answer that the api writes within the first step of its workflow: Temporal renews the step after 0.8 of
 * this, which leaves 0.6 s for a machine that stands still.
 */
export const firstStepTimeoutMs = 3000;
/** So many calls may cost as much as that. */
const quicklyMissedMax = 200;
/** Of those that begin beside them: a thousand together then cost little more than the 200. */
const laterTimeoutMs = 20_000;

/**
 * A heartbeat is a write of Temporal's database: a thousand streams that were to be missed so soon would keep it busy with
 * nothing else, and heartbeats that come late for that are misses too. So a call that begins beside very many others is
 * missed later.
 *
 * @param callsUnderWay Of all workers.
 */
export function heartbeatTimeoutOf(callsUnderWay: number): number {
  return callsUnderWay <= quicklyMissedMax ? heartbeatTimeoutMs : laterTimeoutMs;
}
