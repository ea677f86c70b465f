/**
 * The quick way of a stop: commands on the topic `control` end a call on whichever worker makes it, long before the
 * cancellation comes back with a heartbeat. The durable way is the workflow's.
 */
import { decodeControlMessage } from "../events/kafka/control_message.ts";
import type { KafkaLog, Subscription } from "../events/kafka/kafka_log.ts";

export class StopRequests {
  readonly #calls = new Map<string, AbortController>();
  #subscription: Subscription | undefined;

  static async follow(kafka: KafkaLog): Promise<StopRequests> {
    const requests = new StopRequests();
    requests.#subscription = await kafka.follow({
      topic: "control",
      fromMs: Date.now(),
      onMessage: ({ value }) => {
        if (value === null) return;
        const { turnId } = decodeControlMessage(value);
        requests.#calls.get(turnId)?.abort();
      },
    });
    return requests;
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

  async close(): Promise<void> {
    await this.#subscription?.stop();
  }
}
