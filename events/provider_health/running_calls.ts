/** The calls that are under way at each endpoint, whichever worker makes them, as the events tell. */
import type { EventOf } from "../contract/event.ts";
import { keyOfEndpoint } from "./endpoint_health.ts";

/** A call that began longer ago has ended, and its end was not heard: the longest that a route allows is a day, the usual minutes. */
const callMsMax = 15 * 60_000;

export class RunningCalls {
  /** Endpoint → call → when it began; the oldest first. */
  readonly #calls = new Map<string, Map<string, number>>();

  hear(event: EventOf<"attempt.started" | "attempt.completed" | "attempt.failed">): void {
    const call = `${event.turnId}/${event.attempt}`;
    if (event.type !== "attempt.started") {
      // Found by the call alone, whatever its end tells: one that was missed would count for a quarter of an hour.
      for (const calls of this.#calls.values()) if (calls.delete(call)) return;
      return;
    }
    // The simulated provider has no endpoint, and its calls are under way all the same.
    const { provider, endpoint = "" } = event.data;
    const key = keyOfEndpoint({ provider, endpoint });
    const calls = this.#calls.get(key) ?? new Map<string, number>();
    this.#calls.set(key, calls);
    const startedMs = Date.parse(event.time);
    calls.set(call, startedMs);
    for (const [call, ms] of calls) {
      if (startedMs - ms < callMsMax) break;
      calls.delete(call);
    }
  }

  count(key: string): number {
    return this.#calls.get(key)?.size ?? 0;
  }

  /** At all endpoints. */
  get total(): number {
    return this.#calls.values().reduce((total, { size }) => total + size, 0);
  }

  /** @returns Whether a call is under way there that began within this time. */
  hasBegun(key: string, fromMs: number): boolean {
    return this.#calls.get(key)?.values().some((startedMs) => startedMs >= fromMs) ?? false;
  }
}
