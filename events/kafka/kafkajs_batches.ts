/** Consumes a topic with kafkajs as a member of a group, batch by batch: `consume` of `KafkaLog`. */
import type { Batch, Consumer, TopicPartitionOffset } from "kafkajs";
import { loggerOf } from "../logging.ts";
import type { ConsumeOptions, Subscription } from "./kafka_log.ts";
import {
  consumerSettings,
  type OpenTopic,
  receivedMessages,
  runConsumer,
} from "./kafkajs_consumer.ts";

const log = loggerOf("kafka");

/** How many partitions a member of a group handles at once. */
const partitionsAtOnce = 4;

export async function consumeBatches(
  topic: OpenTopic,
  options: ConsumeOptions,
): Promise<Subscription> {
  const consumer = topic.kafka.consumer({
    groupId: options.groupId,
    ...consumerSettings,
    minBytes: options.minBytes,
    // A batch of each partition that is handled at once: kafkajs asks for more when all of them are done.
    maxBytes: options.maxBytes * partitionsAtOnce,
    maxBytesPerPartition: options.maxBytes,
    maxWaitTimeInMs: options.lingerMs,
  });
  consumer.on(
    consumer.events.GROUP_JOIN,
    ({ payload }) => options.onAssign?.(payload.memberAssignment[topic.name] ?? []),
  );
  /** What is handled of each partition. These never reject. */
  const underWay = new Map<number, Promise<void>>();
  let stopping = false;
  const handle = async (batch: Batch, heartbeat: () => Promise<void>) => {
    const { topic, partition } = batch;
    try {
      await options.onBatch(receivedMessages(batch), heartbeat, BigInt(batch.highWatermark));
      const offset = String(BigInt(batch.lastOffset()) + 1n);
      await consumer.commitOffsets([{ topic, partition, offset }]);
    } catch (error) {
      log.warn("A batch could not be finished, and is read again", { topic, partition, error });
      seekTo(consumer, { topic, partition, offset: batch.firstOffset()! });
    }
  };
  const stop = await runConsumer(consumer, topic, {
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: partitionsAtOnce,
    // kafkajs fetches on from what is resolved, as soon as this has returned for each partition.
    eachBatch: async ({ batch, heartbeat, resolveOffset, isStale }) => {
      await underWay.get(batch.partition);
      if (stopping || isStale()) return;
      underWay.set(batch.partition, handle(batch, heartbeat));
      resolveOffset(batch.lastOffset());
    },
  });
  return {
    stop: async () => {
      stopping = true;
      await Promise.all(underWay.values());
      await stop();
    },
  };
}

function seekTo(consumer: Consumer, place: TopicPartitionOffset): void {
  try {
    consumer.seek(place);
  } catch {
    // kafkajs is starting the consumer anew, which then reads on from what is committed by itself.
  }
}
