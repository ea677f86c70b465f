/** Reads a topic with kafkajs from a point in time on, beside everyone else: `follow` of `KafkaLog`. */
import type { SeekEntry } from "kafkajs";
import type { Follower, FollowOptions } from "./kafka_log.ts";
import {
  consumerSettings,
  type OpenTopic,
  receivedMessages,
  runConsumer,
} from "./kafkajs_consumer.ts";

/** Where a topic's partitions begin for who follows it, and where they ended just before. */
export interface FollowedOffsets {
  starts: SeekEntry[];
  ends: { partition: number; high: string }[];
}

export async function followTopic(
  topic: OpenTopic,
  { starts, ends }: FollowedOffsets,
  onMessage: FollowOptions["onMessage"],
): Promise<Follower> {
  const next = new Map(starts.map(({ partition, offset }) => [partition, BigInt(offset)]));
  // A partition with nothing since then answers the end as it is now, which may lie behind messages after `fromMs`.
  const behind = new Map(
    ends.map(({ partition, high }) => [partition, BigInt(high)] as const)
      .filter(([partition, high]) => (next.get(partition) ?? 0n) < high),
  );
  const messagesBehind = [...behind].reduce(
    (sum, [partition, end]) => sum + Number(end - (next.get(partition) ?? 0n)),
    0,
  );
  const caughtUp = Promise.withResolvers<void>();
  if (behind.size === 0) caughtUp.resolve();

  const consumer = topic.kafka.consumer({
    // A group of its own that never commits: the broker forgets it when it is left.
    groupId: `${topic.name}.follower.${crypto.randomUUID()}`,
    ...consumerSettings,
    maxWaitTimeInMs: 1000,
  });
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const [partition, offset] of next) {
      consumer.seek({ topic: topic.name, partition, offset: String(offset) });
    }
  });
  const stop = await runConsumer(consumer, topic, {
    autoCommit: false,
    partitionsConsumedConcurrently: next.size,
    eachBatch: async ({ batch, isStale }) => {
      if (isStale()) return;
      for (const message of receivedMessages(batch)) {
        if (message.offset < (next.get(batch.partition) ?? 0n)) continue;
        next.set(batch.partition, message.offset + 1n);
        const handled = onMessage(message);
        if (handled instanceof Promise) await handled;
      }
      if ((next.get(batch.partition) ?? 0n) >= (behind.get(batch.partition) ?? 0n)) {
        behind.delete(batch.partition);
      }
      if (behind.size === 0) caughtUp.resolve();
    },
  });
  return {
    behind: messagesBehind,
    caughtUp: caughtUp.promise,
    stop,
  };
}
