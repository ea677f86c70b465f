/**
 * From Kafka to ClickHouse. A batch of one partition is done when every message of it is either a row or a dead letter;
 * only then is its offset committed. So a crash at any moment loses nothing, and what is delivered twice has the same
 * sorting key, of which the views see one.
 */
import type { KafkaLog, KafkaProducer, ReceivedMessage } from "../../events/kafka/kafka_log.ts";
import type { ClickHouseClient } from "../clickhouse.ts";
import { type DeadLetter, keepDeadLetters } from "./dead_letters.ts";
import { NotAnEventError, readEventRow } from "./event_row.ts";
import { insertRows, type PlacedRow } from "./insert_rows.ts";
import { batchesIngested, eventAge, rowsIngested, setLag } from "./metrics.ts";
import type { BatchContext } from "./retry.ts";

/** How long messages are gathered: ClickHouse likes few large inserts, people like their events soon. */
const lingerMs = 300;
/** So many bytes are not waited for any longer; as many are the most that one batch holds. */
const batchBytes = 4 * 1024 * 1024;

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
  const stopping = new AbortController();
  const subscription = await kafka.consume({
    topic: "events",
    groupId,
    lingerMs,
    minBytes: batchBytes,
    maxBytes: batchBytes,
    async onBatch(messages, heartbeat, endOffset) {
      if (messages.length === 0) return;
      const last = messages.at(-1)!;
      const waiting = Number(endOffset - messages[0].offset);
      setLag(last.partition, waiting, messages[0].timestampMs);
      const context = { heartbeat, stopping: stopping.signal };
      await ingestBatch({ messages, producer, clickHouse, context });
      batchesIngested.inc();
      const behind = Number(endOffset - last.offset) - 1;
      setLag(last.partition, behind, behind > 0 ? last.timestampMs : null);
    },
  });
  return {
    async stop() {
      stopping.abort();
      await subscription.stop();
    },
  };
}

async function ingestBatch(
  { messages, producer, clickHouse, context }: {
    messages: ReceivedMessage[];
    producer: KafkaProducer;
    clickHouse: ClickHouseClient;
    context: BatchContext;
  },
): Promise<void> {
  const { topic, partition } = messages[0];
  const { rows, letters } = sort(messages);
  const refused = await insertRows(clickHouse, "events", rows, `${topic}-${partition}`, context);
  const byOffset = new Map(messages.map((message) => [message.offset, message]));
  letters.push(...refused.map(({ offset, reason }) => ({
    message: byOffset.get(offset)!,
    reasonClass: "refused",
    reason,
  })));
  await keepDeadLetters({ letters, producer, clickHouse, context });
  rowsIngested.inc(rows.length - refused.length);
  if (rows.length > 0) {
    const oldest = rows.reduce((time, { row }) => {
      const eventTime = String(row.event_time);
      return eventTime < time ? eventTime : time;
    }, "9");
    eventAge.observe(Math.max(0, (Date.now() - Date.parse(`${oldest}Z`)) / 1000));
  }
}

/** Tells the events from what is none. */
function sort(messages: ReceivedMessage[]): { rows: PlacedRow[]; letters: DeadLetter[] } {
  const rows: PlacedRow[] = [];
  const letters: DeadLetter[] = [];
  for (const message of messages) {
    try {
      rows.push({ offset: message.offset, row: readEventRow(message.value) });
    } catch (error) {
      if (!(error instanceof NotAnEventError)) throw error;
      letters.push({ message, reasonClass: error.reasonClass, reason: error.message });
    }
  }
  return { rows, letters };
}
