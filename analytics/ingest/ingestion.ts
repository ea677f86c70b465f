/**
 * From Kafka to ClickHouse. A batch of one partition is done when every message of it is either a row or a dead letter;
 * only then is its offset committed. So a crash at any moment loses nothing, and what is delivered twice has the same
 * sorting key, of which the views see one.
 */
import type { KafkaLog, KafkaProducer, ReceivedMessage } from "../../events/kafka/kafka_log.ts";
import { loggerOf } from "../../events/logging.ts";
import { sleep } from "../../events/sleep.ts";
import type { ClickHouseClient } from "../clickhouse.ts";
import { type DeadLetter, keepDeadLetters } from "./dead_letters.ts";
import { type CountedEvent, Duplicates } from "./duplicates.ts";
import { NotAnEventError } from "./fields.ts";
import { type InsertableEvent, insertEvents, readInsertable } from "./insert_events.ts";
import { batchesIngested, eventAge, lag, rowsIngested } from "./metrics.ts";
import type { BatchContext } from "./retry.ts";

const log = loggerOf("ingest");

/**
 * How long messages are gathered: people like their events soon, but an insert of a few rows takes ClickHouse as much of a
 * processor as two whole turns.
 */
const lingerMs = 1000;
/** So many bytes are not waited for any longer; as many are the most that one batch holds. */
export const batchBytes = 4 * 1024 * 1024;

/** How often the broker is asked how far this is: batches do not tell it while ClickHouse is away, and before there are any. */
const lagEveryMs = 5000;

export interface Ingestion {
  /** Finishes the batches under way, or leaves them to the next start where ClickHouse is away. */
  stop(): Promise<void>;
}

export async function startIngestion(
  { kafka, clickHouse, groupId }: {
    kafka: KafkaLog;
    clickHouse: ClickHouseClient;
    groupId: string;
  },
): Promise<Ingestion> {
  const producer = await kafka.producer();
  const duplicates = new Duplicates(clickHouse);
  const stopping = new AbortController();
  const subscription = await kafka.consume({
    topic: "events",
    groupId,
    lingerMs,
    minBytes: batchBytes,
    maxBytes: batchBytes,
    onAssign: (partitions) => lag.assign(partitions),
    async onBatch(messages, heartbeat, endOffset) {
      if (messages.length === 0) return;
      const [first, last] = [messages[0], messages.at(-1)!];
      const { partition } = first;
      lag.batch({ partition, next: first.offset, end: endOffset }, first.timestampMs);
      const context = { heartbeat, stopping: stopping.signal, occasion: "ingestion" };
      await ingestBatch({ messages, producer, clickHouse, duplicates, context });
      batchesIngested.inc();
      lag.batch({ partition, next: last.offset + 1n, end: endOffset }, last.timestampMs);
    },
  });
  void lookUpLag(kafka, groupId, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await subscription.stop();
    },
  };
}

async function lookUpLag(kafka: KafkaLog, groupId: string, stopping: AbortSignal): Promise<void> {
  let isAway = false;
  for (; !stopping.aborted; await sleep(lagEveryMs, stopping)) {
    try {
      lag.lookUp(await kafka.groupOffsets("events", groupId), Date.now());
      isAway = false;
    } catch (error) {
      // Once for each time that it is away.
      if (!isAway && !stopping.aborted) {
        log.warn("Could not ask Kafka how far ingestion is", { error });
      }
      isAway = true;
    }
  }
}

async function ingestBatch(
  { messages, producer, clickHouse, duplicates, context }: {
    messages: ReceivedMessage[];
    producer: KafkaProducer;
    clickHouse: ClickHouseClient;
    duplicates: Duplicates;
    context: BatchContext;
  },
): Promise<void> {
  const { events, letters } = sort(messages);
  const byOthers = await duplicates.insertedByOthers(messages, events, context);
  const refused = await insertEvents(clickHouse, events, context);
  const without = new Set(refused.map((each) => each.refused));
  const inserted = without.size === 0 ? events : events.filter((event) => !without.has(event));
  await duplicates.inserted(messages, inserted, byOthers, context);
  letters.push(...refused.map(({ refused: { message }, reason }) => ({
    message,
    reasonClass: "refused" as const,
    reason,
  })));
  await keepDeadLetters({ letters, producer, clickHouse, context });
  rowsIngested.inc(events.length - refused.length);
  if (events.length > 0) {
    const oldest = events.reduce((oldest, { time }) => time < oldest ? time : oldest, "9");
    eventAge.observe(Math.max(0, (Date.now() - Date.parse(`${oldest}Z`)) / 1000));
  }
}

/** An event with the message that brought it. */
type ReceivedEvent = InsertableEvent & CountedEvent & { message: ReceivedMessage };

/** Tells the events from what is none. */
function sort(messages: ReceivedMessage[]): { events: ReceivedEvent[]; letters: DeadLetter[] } {
  const events: ReceivedEvent[] = [];
  const letters: DeadLetter[] = [];
  for (const message of messages) {
    try {
      events.push({ message, ...readInsertable(message.value) });
    } catch (error) {
      if (!(error instanceof NotAnEventError)) throw error;
      letters.push({ message, reasonClass: error.reasonClass, reason: error.message });
    }
  }
  return { events, letters };
}
