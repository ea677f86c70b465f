/** Lets a few queries run at a time and a few more wait, so that a crowd is told at once instead of filling the memory. */
import { ClickHouseException } from "./clickhouse_exception.ts";

export interface AdmissionLimits {
  /** How many run at a time. */
  runningMax: number;
  /** How many wait behind them. */
  waitingMax: number;
  /** How long one waits. */
  waitMsMax: number;
}

interface Waiting {
  admit(): void;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /**
   * Waits for a place, in the order of asking.
   *
   * @returns The function that gives the place back; to be called once.
   * @throws ClickHouseException with code 202 where too many wait or no place becomes free in time, 394 where the
   * signal is aborted.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    if (this.#running < this.#limits.runningMax) {
      this.#running++;
    } else {
      await this.#wait(signal);
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#waiting.shift();
      // The place goes to the next one, so the number that runs stays.
      if (next) next.admit();
      else this.#running--;
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    const { runningMax, waitingMax, waitMsMax } = this.#limits;
    if (this.#waiting.length >= waitingMax) {
      throw tooMany(`${runningMax} run and ${waitingMax} wait; try again later`);
    }
    return new Promise((resolve, reject) => {
      const giveUp = (error: ClickHouseException) => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        settle();
        reject(error);
      };
      const onAbort = () =>
        giveUp(ClickHouseException.of("QUERY_WAS_CANCELLED", "The client went away"));
      const timer = setTimeout(
        () => giveUp(tooMany(`${runningMax} run, and none ended within ${waitMsMax} ms`)),
        waitMsMax,
      );
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
      };
      const waiting = {
        admit: () => {
          settle();
          resolve();
        },
      };
      this.#waiting.push(waiting);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}

function tooMany(what: string): ClickHouseException {
  return ClickHouseException.of(
    "TOO_MANY_SIMULTANEOUS_QUERIES",
    `Too many simultaneous queries: ${what}`,
  );
}
