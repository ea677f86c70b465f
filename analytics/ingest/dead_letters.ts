/** Keeps messages that cannot become events, whole: on a topic, from which they can be replayed, and in a table for people. */
import type { DeadLetterHeaders } from "../../events/kafka/dead_letter_message.ts";
import type { KafkaProducer, ReceivedMessage } from "../../events/kafka/kafka_log.ts";
import { loggerOf } from "../../events/logging.ts";
import type { ClickHouseClient } from "../clickhouse.ts";
import { clickHouseTime } from "../clickhouse_time.ts";
import { insertRows } from "./insert_rows.ts";
import { deadLetters } from "./metrics.ts";
import { type BatchContext, retryForever } from "./retry.ts";

const log = loggerOf("ingest");

export interface DeadLetter {
  message: ReceivedMessage;
  reasonClass: DeadLetterHeaders["turnlog-reason-class"];
  reason: string;
}

/**
 * Keeps the messages of one batch of one partition; returns when they are kept. After a crash they may be on the topic
 * twice, with the same headers; the table has them once.
 */
export async function keepDeadLetters(
  { letters, producer, clickHouse, context }: {
    letters: DeadLetter[];
    producer: KafkaProducer;
    clickHouse: ClickHouseClient;
    context: BatchContext;
  },
): Promise<void> {
  if (letters.length === 0) return;
  const failedAt = new Date();
  await retryForever(
    context,
    `Could not publish ${letters.length} dead letters`,
    () => producer.send("deadLetters", letters.map((letter) => asMessage(letter, failedAt))),
  );
  const rows = letters.map((letter) => ({
    id: placeOf(letter.message),
    json: JSON.stringify(asRow(letter, failedAt)),
  }));
  for (const { refused, reason } of await insertRows(clickHouse, "dead_letters", rows, context)) {
    log.error("ClickHouse refuses even the dead letter; it is on the topic alone", {
      place: refused.id,
      reason,
    });
  }
  for (const { message, reasonClass, reason } of letters) {
    deadLetters.inc({ reason_class: reasonClass });
    log.warn("Set a message aside that cannot become an event", {
      place: placeOf(message),
      reason,
    });
  }
}

/** Its time is a part of it, since offsets begin anew with a new topic. */
function placeOf({ topic, partition, offset, timestampMs }: ReceivedMessage): string {
  return `${topic}-${partition}-${offset}-${timestampMs}`;
}

function asMessage({ message, reasonClass, reason }: DeadLetter, failedAt: Date) {
  return {
    key: message.key && new TextDecoder().decode(message.key),
    value: message.value ?? new Uint8Array(),
    headers: {
      ...message.headers,
      "turnlog-reason-class": reasonClass,
      "turnlog-reason": reason,
      "turnlog-topic": message.topic,
      "turnlog-partition": String(message.partition),
      "turnlog-offset": String(message.offset),
      "turnlog-time": new Date(message.timestampMs).toISOString(),
      "turnlog-failed-at": failedAt.toISOString(),
    } satisfies DeadLetterHeaders,
  };
}

function asRow({ message, reasonClass, reason }: DeadLetter, failedAt: Date) {
  const value = message.value ?? new Uint8Array();
  const text = asText(value);
  return {
    topic: message.topic,
    partition: message.partition,
    offset: String(message.offset),
    message_time: clickHouseTime(new Date(message.timestampMs)),
    message_ms: message.timestampMs,
    failed_at: clickHouseTime(failedAt),
    reason_class: reasonClass,
    reason,
    key: message.key ? new TextDecoder().decode(message.key) : "",
    value: text ?? value.toBase64(),
    value_encoding: text === null ? "base64" : "text",
  };
}

/** @returns The bytes as text, null where that would change them. */
function asText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
