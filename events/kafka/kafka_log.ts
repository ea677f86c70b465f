/** Kafka as Turnlog uses it. The only module that knows kafkajs. */
import { Buffer } from "node:buffer";
import {
  type Admin,
  type Batch,
  ConfigResourceTypes,
  type Consumer,
  type IHeaders,
  Kafka,
  logLevel,
  Partitioners,
  type TopicPartitionOffset,
} from "kafkajs";
import { loggerOf } from "../logging.ts";
import { forwardLog } from "./kafkajs_logging.ts";
import { messageBytesMax, type TopicNames, topicNames, topicSettings } from "./topics.ts";

const log = loggerOf("kafka");

/** A broker that was killed is back within seconds; a minute of tries outlasts it without an error to the caller. */
const retry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 60 };

/** How many partitions a member of a group handles at once. */
const partitionsAtOnce = 4;

/** Kafka drops a member that says nothing for this long, and gives its partitions to another. */
const sessionTimeoutMs = 6000;

export interface Message {
  key?: string | null;
  value: string | Uint8Array;
  /** Chosen by the key where absent. */
  partition?: number;
  headers?: Record<string, string>;
}

export interface ReceivedMessage {
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: number;
  key: Uint8Array | null;
  /** Null for a tombstone. */
  value: Uint8Array | null;
  headers: Record<string, string>;
}

export interface KafkaLogOptions {
  brokers: string[];
  topicPrefix: string;
  /** Tells the processes apart in the broker's logs. */
  clientId: string;
}

export interface KafkaLog {
  readonly topics: TopicNames;
  /** Creates the topics that are missing, and brings the settings of the others up to date. */
  ensureTopics(): Promise<void>;
  /** @throws Error where no broker answers. */
  ping(): Promise<void>;
  partitionCount(topic: keyof TopicNames): Promise<number>;
  /** A connected producer. Messages of one `send` keep their order within a partition. */
  producer(): Promise<KafkaProducer>;
  /**
   * Consumes a topic as a member of a group, a batch of one partition at a time; the partition's next batch is fetched
   * meanwhile. A batch counts as done when the handler returns; only then is its offset committed. A handler that throws
   * gets the batch again.
   */
  consume(options: ConsumeOptions): Promise<Subscription>;
  /** Reads a topic, all its partitions, from a point in time on, beside everyone else. */
  follow(options: FollowOptions): Promise<Follower>;
  close(): Promise<void>;
}

export interface KafkaProducer {
  /** Resolves when all in-sync replicas have the messages. Tries for about a minute while brokers are away. */
  send(topic: keyof TopicNames, messages: Message[]): Promise<void>;
}

export interface ConsumeOptions {
  topic: keyof TopicNames;
  groupId: string;
  /** How long the broker gathers messages before it answers, unless `minBytes` are there sooner. */
  lingerMs: number;
  minBytes: number;
  /** The most that one batch holds. */
  maxBytes: number;
  /**
   * @param heartbeat To be called at least every few seconds while a batch takes long.
   * @param endOffset The offset that the partition's next message will have, as the broker said with this batch.
   */
  onBatch(
    messages: ReceivedMessage[],
    heartbeat: () => Promise<void>,
    endOffset: bigint,
  ): Promise<void>;
}

export interface FollowOptions {
  topic: keyof TopicNames;
  /** Messages from this time on; `Date.now()` for new ones only. */
  fromMs: number;
  /** Where it returns a promise, the partition's next message waits for it. */
  onMessage(message: ReceivedMessage): unknown;
}

export interface Follower extends Subscription {
  /** How many messages were there when it began. */
  behind: number;
  /** Resolves when it has read those. */
  caughtUp: Promise<void>;
}

export interface Subscription {
  stop(): Promise<void>;
}

export function connectKafka(options: KafkaLogOptions): KafkaLog {
  return new KafkaJsLog(options);
}

class KafkaJsLog implements KafkaLog {
  readonly topics: TopicNames;
  readonly #kafka: Kafka;
  readonly #open = new Set<{ disconnect(): Promise<void> }>();
  #admin: Promise<Admin> | undefined;
  #lastQuestion: Promise<unknown> = Promise.resolve();

  constructor({ brokers, topicPrefix, clientId }: KafkaLogOptions) {
    this.topics = topicNames(topicPrefix);
    this.#kafka = new Kafka({
      brokers,
      clientId,
      retry,
      connectionTimeout: 3000,
      logLevel: logLevel.WARN,
      logCreator: () => forwardLog,
    });
  }

  ensureTopics(): Promise<void> {
    return this.#ask((admin) => this.#ensureTopics(admin));
  }

  async #ensureTopics(admin: Admin): Promise<void> {
    const wanted = Object.entries(topicSettings).map(([name, { partitions, settings }]) => ({
      topic: this.topics[name as keyof TopicNames],
      numPartitions: partitions,
      configEntries: Object.entries({ ...settings, "max.message.bytes": String(messageBytesMax) })
        .map(([name, value]) => ({ name, value })),
    }));
    const existing = new Set(await admin.listTopics());
    const missing = wanted.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true });
    await admin.alterConfigs({
      validateOnly: false,
      resources: wanted.map(({ topic, configEntries }) => ({
        type: ConfigResourceTypes.TOPIC,
        name: topic,
        configEntries,
      })),
    });
  }

  async ping(): Promise<void> {
    await this.#ask((admin) => admin.describeCluster());
  }

  async partitionCount(topic: keyof TopicNames): Promise<number> {
    const name = this.topics[topic];
    const { topics } = await this.#ask((admin) => admin.fetchTopicMetadata({ topics: [name] }));
    return topics[0].partitions.length;
  }

  async producer(): Promise<KafkaProducer> {
    const producer = this.#kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      idempotent: true,
      // More than one could change the order of messages when a request is sent again.
      maxInFlightRequests: 1,
      retry,
    });
    await producer.connect();
    this.#open.add(producer);
    return {
      send: async (topic, messages) => {
        await producer.send({
          topic: this.topics[topic],
          acks: -1,
          messages: messages.map(({ value, ...message }) => ({
            ...message,
            value: typeof value === "string" ? value : asBuffer(value),
          })),
        });
      },
    };
  }

  async consume(options: ConsumeOptions): Promise<Subscription> {
    const consumer = this.#kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: sessionTimeoutMs / 4,
      minBytes: options.minBytes,
      // A batch of each partition that is handled at once: kafkajs asks for more when all of them are done.
      maxBytes: options.maxBytes * partitionsAtOnce,
      maxBytesPerPartition: options.maxBytes,
      maxWaitTimeInMs: options.lingerMs,
      retry: { ...retry, restartOnFailure: () => Promise.resolve(true) },
    });
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
    await this.#start(consumer, options.topic, {
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
        await this.#stop(consumer);
      },
    };
  }

  async follow(options: FollowOptions): Promise<Follower> {
    const topic = this.topics[options.topic];
    const ends = await this.#ask((admin) => admin.fetchTopicOffsets(topic));
    const starts = await this.#ask((admin) =>
      admin.fetchTopicOffsetsByTimestamp(topic, options.fromMs)
    );
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

    const consumer = this.#kafka.consumer({
      // A group of its own that never commits: the broker forgets it when it is left.
      groupId: `${topic}.follower.${crypto.randomUUID()}`,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: sessionTimeoutMs / 4,
      maxWaitTimeInMs: 1000,
      retry: { ...retry, restartOnFailure: () => Promise.resolve(true) },
    });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const [partition, offset] of next) {
        consumer.seek({ topic, partition, offset: String(offset) });
      }
    });
    await this.#start(consumer, options.topic, {
      autoCommit: false,
      partitionsConsumedConcurrently: next.size,
      eachBatch: async ({ batch, isStale }) => {
        if (isStale()) return;
        for (const message of receivedMessages(batch)) {
          if (message.offset < (next.get(batch.partition) ?? 0n)) continue;
          next.set(batch.partition, message.offset + 1n);
          const handled = options.onMessage(message);
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
      stop: () => this.#stop(consumer),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((client) => client.disconnect()));
    this.#open.clear();
    this.#admin = undefined;
  }

  async #start(
    consumer: Consumer,
    topic: keyof TopicNames,
    run: Parameters<Consumer["run"]>[0],
  ): Promise<void> {
    await consumer.connect();
    this.#open.add(consumer);
    await consumer.subscribe({ topics: [this.topics[topic]], fromBeginning: true });
    await consumer.run(run);
  }

  async #stop(consumer: Consumer): Promise<void> {
    this.#open.delete(consumer);
    await consumer.disconnect();
  }

  /** One question at a time: kafkajs mixes up the topics of those that are asked at once. */
  #ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    const answer = this.#lastQuestion.then(async () => {
      this.#admin ??= this.#connectAdmin();
      return await question(await this.#admin);
    });
    this.#lastQuestion = answer.catch(() => {});
    return answer;
  }

  async #connectAdmin(): Promise<Admin> {
    const admin = this.#kafka.admin({ retry });
    try {
      await admin.connect();
    } catch (error) {
      this.#admin = undefined;
      throw error;
    }
    this.#open.add(admin);
    return admin;
  }
}

function seekTo(consumer: Consumer, place: TopicPartitionOffset): void {
  try {
    consumer.seek(place);
  } catch {
    // kafkajs is starting the consumer anew, which then reads on from what is committed by itself.
  }
}

function receivedMessages(batch: Batch): ReceivedMessage[] {
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

/** kafkajs wants Node's Buffer; this one shares the bytes. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
