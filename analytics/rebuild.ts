/**
 * Rebuilds ClickHouse's rows from where the events are kept: reads them all once more and inserts each in place of the row
 * that is there. Nothing is taken away before, so that the views go on answering, an interruption does no harm, and
 * ingestion may run beside it; what the source does not have stays.
 */
import type { KafkaLog } from "../events/kafka/kafka_log.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { type ClickHouseClient, rowsOf } from "./clickhouse.ts";
import { NotAnEventError } from "./ingest/fields.ts";
import { type InsertableEvent, insertEvents, readInsertable } from "./ingest/insert_events.ts";

/** How many events of the store, or bytes of messages, make a batch. */
const batchLengthMax = 4000;
const batchBytes = 4 * 1024 * 1024;

export interface RebuildOptions {
  clickHouse: ClickHouseClient;
  /** Told after each batch. */
  onProgress(progress: RebuildProgress): void;
  /** Aborted where it is to end early: then what was rebuilt stays. */
  stopping: AbortSignal;
}

export interface RebuildProgress {
  events: number;
  /** The share of the source that is read, 0 to 1. */
  share: number;
}

export interface RebuildReport {
  /** Whose rows are new. */
  events: number;
  /** Messages that are no events, or that ClickHouse refuses: dead letters of ingestion's. */
  notEvents: number;
  /** Events that are in ClickHouse and not in the source; null where the rebuild was ended early. */
  others: number | null;
}

/** @throws Error where the store cannot be read. ClickHouse may be away meanwhile; then it waits. */
export function rebuildFromStore(
  store: EventStore,
  options: RebuildOptions,
): Promise<RebuildReport> {
  return rebuild(options, async (insert, told) => {
    const last = await store.lastPosition();
    let position = 0;
    let inserted: Promise<void> = Promise.resolve();
    while (position < last && !options.stopping.aborted) {
      // The next page is read while this one is inserted.
      const page = await store.eventsAfter(position, batchLengthMax);
      await inserted;
      if (page.length === 0) return;
      position = page.at(-1)!.position;
      const share = Math.min(1, position / last);
      inserted = insert(page.map(({ body }) => new TextEncoder().encode(body)))
        .then(() => told(share));
    }
    await inserted;
  });
}

/** Reads the topic from its oldest message to where it ends now. What is older than Kafka keeps is not there. */
export function rebuildFromKafka(kafka: KafkaLog, options: RebuildOptions): Promise<RebuildReport> {
  return rebuild(options, async (insert, told) => {
    let batch: (Uint8Array | null)[] = [];
    let bytes = 0;
    let read = 0;
    const flush = async () => {
      const full = batch;
      batch = [];
      bytes = 0;
      await insert(full);
      told(follower.behind === 0 ? 1 : Math.min(1, read / follower.behind));
    };
    const follower = await kafka.follow({
      topic: "events",
      fromMs: 0,
      onMessage({ value }) {
        batch.push(value);
        bytes += value?.length ?? 0;
        read++;
        if (bytes >= batchBytes) return flush();
      },
    });
    await Promise.race([follower.caughtUp, aborted(options.stopping)]);
    await follower.stop();
    if (!options.stopping.aborted) await flush();
  });
}

/** @param read Reads the source, hands over batches of events, and tells what share of it is done. */
async function rebuild(
  { clickHouse, onProgress, stopping }: RebuildOptions,
  read: (
    insert: (values: (Uint8Array | null)[]) => Promise<void>,
    told: (share: number) => void,
  ) => Promise<void>,
): Promise<RebuildReport> {
  const context = {
    heartbeat: () => Promise.resolve(),
    stopping,
    occasion: `rebuild ${crypto.randomUUID()}`,
  };
  const [{ began }] = await rowsOf<{ began: string }>(clickHouse, "SELECT now64(3) AS began");
  const counts = { events: 0, notEvents: 0 };
  try {
    await read(
      async (values) => {
        const events = values.flatMap(asRebuilt);
        const refused = await insertEvents(clickHouse, events, context);
        counts.events += events.length - refused.length;
        counts.notEvents += values.length - events.length + refused.length;
      },
      (share) => onProgress({ events: counts.events, share }),
    );
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
  if (stopping.aborted) return { ...counts, others: null };
  // Whatever came in meanwhile was inserted later than this began.
  const [{ others }] = await rowsOf<{ others: number | string }>(
    clickHouse,
    "SELECT count() AS others FROM events FINAL WHERE ingested_at < {began:DateTime64(3)}",
    { began },
  );
  return { ...counts, others: Number(others) };
}

/** @returns The rows of an event; nothing where it is none. */
function asRebuilt(value: Uint8Array | null): InsertableEvent[] {
  try {
    return [readInsertable(value, { isRebuilt: true })];
  } catch (error) {
    if (error instanceof NotAnEventError) return [];
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
