/**
 * The relay: publishes every stored event to Kafka, in the order of the log, as the bytes that were stored. Every
 * process that appends runs one, and the store lets one of them publish at a time; when that one dies, another takes
 * over within {@linkcode leaseMs}. An event may be published twice after a crash, never left out.
 */
import type { KafkaLog } from "./kafka/kafka_log.ts";
import { loggerOf } from "./logging.ts";
import { sleep } from "./sleep.ts";
import type { EventStore } from "./store/event_store.ts";

const log = loggerOf("relay");

const leaseMs = 3000;
/** How soon an event that another process appended is noticed. */
const pollMs = 25;
const batchLengthMax = 500;
/** How long to wait after the store or Kafka failed. */
const retryMs = 500;

export interface Relay {
  /** Publishes what is under way, and lets another process go on. */
  stop(): Promise<void>;
}

export function startRelay({ store, kafka }: { store: EventStore; kafka: KafkaLog }): Relay {
  const stopping = new AbortController();
  const done = run(store, kafka, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

async function run(store: EventStore, kafka: KafkaLog, stopping: AbortSignal): Promise<void> {
  const holder = crypto.randomUUID();
  const producer = await kafka.producer();
  while (!stopping.aborted) {
    try {
      const position = await store.claimRelay(holder, leaseMs);
      if (position === null) await sleep(leaseMs / 3, stopping);
      else await publishWhileHolding({ store, producer, holder, position, stopping });
    } catch (error) {
      log.error("Could not publish events; trying again", { error });
      await sleep(retryMs, stopping);
    }
  }
  await store.releaseRelay(holder);
}

async function publishWhileHolding({ store, producer, holder, position, stopping }: {
  store: EventStore;
  producer: Awaited<ReturnType<KafkaLog["producer"]>>;
  holder: string;
  position: number;
  stopping: AbortSignal;
}): Promise<void> {
  let renewAtMs = Date.now() + leaseMs / 3;
  while (!stopping.aborted) {
    if (Date.now() >= renewAtMs) {
      if (await store.claimRelay(holder, leaseMs) === null) return;
      renewAtMs = Date.now() + leaseMs / 3;
    }
    const events = await store.eventsAfter(position, batchLengthMax);
    if (events.length === 0) {
      await sleep(pollMs, stopping);
      continue;
    }
    await producer.send(
      "events",
      events.map(({ key, body }) => ({ key, value: body })),
    );
    position = events.at(-1)!.position;
    if (!await store.advanceRelay(holder, position)) return;
  }
}
