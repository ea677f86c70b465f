/** What a worker does while the store cannot be written, because its disk is full, say: it keeps what it has and waits. */
import { loggerOf } from "../events/logging.ts";
import { sleep } from "../events/sleep.ts";

const log = loggerOf("worker");

const retryMsMin = 200;
const retryMsMax = 5000;

/**
 * Writes to the store, again and again until it is written.
 *
 * @param signal Ends the tries: nobody waits for them any more.
 * @throws The store's error where the signal is aborted.
 */
export async function untilStored<Result>(
  signal: AbortSignal,
  write: () => Promise<Result>,
): Promise<Result> {
  for (let retryMs = retryMsMin;; retryMs = Math.min(retryMs * 2, retryMsMax)) {
    try {
      return await write();
    } catch (error) {
      if (signal.aborted) throw error;
      log.error("Could not write to the store; trying again", { error, retryMs });
      await sleep(retryMs, signal);
    }
  }
}
