/** What all consumers of kafkajs have in common here. */
import type { Batch, Consumer, ConsumerConfig, IHeaders, Kafka } from "kafkajs";
import type { ReceivedMessage } from "./kafka_log.ts";

/** A broker that was killed is back within seconds; a minute of tries outlasts it without an error to the caller. */
export const retry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 60 };

/** Kafka drops a member that says nothing for this long, and gives its partitions to another. */
const sessionTimeoutMs = 6000;

export const consumerSettings = {
  sessionTimeout: sessionTimeoutMs,
  heartbeatInterval: sessionTimeoutMs / 4,
  retry: { ...retry, restartOnFailure: () => Promise.resolve(true) },
} satisfies Partial<ConsumerConfig>;

/** A topic of a connection, whose consumers it disconnects where they are still open. */
export interface OpenTopic {
  kafka: Kafka;
  name: string;
  open: Set<{ disconnect(): Promise<void> }>;
}

/** @returns What stops it. */
export async function runConsumer(
  consumer: Consumer,
  { name, open }: OpenTopic,
  run: Parameters<Consumer["run"]>[0],
): Promise<() => Promise<void>> {
  await consumer.connect();
  open.add(consumer);
  await consumer.subscribe({ topics: [name], fromBeginning: true });
  await consumer.run(run);
  return async () => {
    open.delete(consumer);
    await consumer.disconnect();
  };
}

export function receivedMessages(batch: Batch): ReceivedMessage[] {
  return batch.messages.map((message) => ({
    topic: batch.topic,
    partition: batch.partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: readHeaders(message.headers),
  }));
}

function readHeaders(headers: IHeaders | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
}
