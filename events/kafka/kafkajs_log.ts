/** A connection to Kafka by kafkajs: producers, consumers and questions to the brokers. */
import { Buffer } from "node:buffer";
import { type Admin, ConfigResourceTypes, Kafka, logLevel, Partitioners } from "kafkajs";
import { sleep } from "../sleep.ts";
import type {
  ConsumeOptions,
  Follower,
  FollowOptions,
  GroupOffsets,
  KafkaLog,
  KafkaLogOptions,
  KafkaProducer,
  Subscription,
} from "./kafka_log.ts";
import { consumeBatches } from "./kafkajs_batches.ts";
import { type OpenTopic, retry } from "./kafkajs_consumer.ts";
import { followTopic } from "./kafkajs_follower.ts";
import { forwardLog } from "./kafkajs_logging.ts";
import { messageBytesMax, type TopicNames, topicNames, topicSettings } from "./topics.ts";

/** How long an election of leaders may take, and how often it is looked at. */
const electionMsMax = 30_000;
const electionPollMs = 200;

export function connectKafka(options: KafkaLogOptions): KafkaLog {
  return new KafkaJsLog(options);
}

class KafkaJsLog implements KafkaLog {
  readonly topics: TopicNames;
  readonly #kafka: Kafka;
  readonly #open: OpenTopic["open"] = new Set();
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

  async groupOffsets(topic: keyof TopicNames, groupId: string): Promise<GroupOffsets[]> {
    const name = this.topics[topic];
    const [committed] = await this.#ask((admin) => admin.fetchOffsets({ groupId, topics: [name] }));
    const ranges = await this.#askUntilElected((admin) => admin.fetchTopicOffsets(name));
    const nexts = new Map(
      committed.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]),
    );
    return ranges.map(({ partition, low, high }) => {
      const next = nexts.get(partition) ?? -1n;
      // -1 where nothing was committed: then it begins with the first one. Older ones than that are gone.
      return { partition, next: next < BigInt(low) ? BigInt(low) : next, end: BigInt(high) };
    });
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

  consume(options: ConsumeOptions): Promise<Subscription> {
    return consumeBatches(this.#topic(options.topic), options);
  }

  async follow({ topic, fromMs, onMessage }: FollowOptions): Promise<Follower> {
    const name = this.topics[topic];
    const ends = await this.#askUntilElected((admin) => admin.fetchTopicOffsets(name));
    const starts = await this.#askUntilElected((admin) =>
      admin.fetchTopicOffsetsByTimestamp(name, fromMs)
    );
    return await followTopic(this.#topic(topic), { starts, ends }, onMessage);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((client) => client.disconnect()));
    this.#open.clear();
    this.#admin = undefined;
  }

  #topic(topic: keyof TopicNames): OpenTopic {
    return { kafka: this.#kafka, name: this.topics[topic], open: this.#open };
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

  /** kafkajs does not ask for a topic's offsets again while its leader is elected, as when the broker has just started. */
  async #askUntilElected<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    for (const untilMs = Date.now() + electionMsMax;;) {
      try {
        return await this.#ask(question);
      } catch (error) {
        if (!isWithoutLeader(error) || Date.now() > untilMs) throw error;
        this.#lastQuestion = this.#forgetAdmin();
        await sleep(electionPollMs);
      }
    }
  }

  /** The next question asks anew who leads. */
  #forgetAdmin(): Promise<void> {
    return this.#lastQuestion.then(async () => {
      const admin = await this.#admin;
      this.#admin = undefined;
      if (admin !== undefined && this.#open.delete(admin)) await admin.disconnect();
    }).catch(() => {});
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

/** By the name that the protocol gives to the error: kafkajs does not export its class to modules. */
function isWithoutLeader(error: unknown): boolean {
  const { type } = error as { type?: unknown };
  return type === "LEADER_NOT_AVAILABLE" || type === "NOT_LEADER_FOR_PARTITION";
}

/** kafkajs wants Node's Buffer; this one shares the bytes. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
