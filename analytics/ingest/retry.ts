/** Tries again for ever: a server that is away is no reason to lose a message, nor to leave the group that reads it. */
import { setTimeout as delay } from "node:timers/promises";
import { loggerOf } from "../../events/logging.ts";
import { insertErrors } from "./metrics.ts";

const log = loggerOf("ingest");

/** Well within the time after which Kafka takes a silent member for dead. */
const heartbeatMs = 1000;
const backoffMsMin = 100;
const backoffMsMax = 5000;

/** What a batch of one partition goes on with. */
export interface BatchContext {
  /** Tells Kafka that the batch is still worked on. @throws Where the partition was given to another member. */
  heartbeat(): Promise<void>;
  /** Aborted when the process stops: then a batch that cannot be finished is left to the next start. */
  stopping: AbortSignal;
  /** What the rows are inserted for. A batch that comes again on the same occasion is known to ClickHouse, and dropped. */
  occasion: string;
}

/**
 * Runs the task until it succeeds, with heartbeats all the while.
 *
 * @param what What could not be done, for the log.
 * @param isFinal Errors that trying again would not change; they are thrown.
 * @throws Also where the partition was given to another member, or the process stops.
 */
export async function retryForever<Result>(
  { heartbeat, stopping }: BatchContext,
  what: string,
  task: () => Promise<Result>,
  isFinal: (error: unknown) => boolean = () => false,
): Promise<Result> {
  let lost: unknown;
  const timer = setInterval(() => void heartbeat().catch((error) => lost ??= error), heartbeatMs);
  try {
    for (let backoffMs = backoffMsMin;; backoffMs = Math.min(backoffMs * 2, backoffMsMax)) {
      if (lost !== undefined) throw lost;
      try {
        return await task();
      } catch (error) {
        if (isFinal(error)) throw error;
        stopping.throwIfAborted();
        insertErrors.inc();
        log.error(`${what}; trying again in ${backoffMs} ms`, { error });
        // An abort ends the wait early; the next failure then ends the loop.
        await delay(backoffMs, undefined, { signal: stopping }).catch(() => {});
      }
    }
  } finally {
    clearInterval(timer);
  }
}
