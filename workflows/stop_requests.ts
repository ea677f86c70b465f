/**
 * The quick way of a stop: commands on the topic `control` end a call on whichever worker makes it, long before the
 * cancellation comes back with a heartbeat. The durable way is the workflow's.
 */
import type { ControlMessage } from "../events/kafka/control_message.ts";

export class StopRequests {
  readonly #calls = new Map<string, AbortController>();

  hear(message: ControlMessage): void {
    if (message.type === "stop") this.#calls.get(message.turnId)?.abort();
  }

  /** @returns A signal that is aborted when the user stops the turn, until it is disposed of. */
  signalOf(turnId: string): { signal: AbortSignal; [Symbol.dispose](): void } {
    const controller = new AbortController();
    this.#calls.set(turnId, controller);
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => {
        if (this.#calls.get(turnId) === controller) this.#calls.delete(turnId);
      },
    };
  }
}
