/** Kafka as Turnlog uses it: what can be asked of it. The files `kafkajs_*` beside this one, and no others, know kafkajs. */
import type { TopicNames } from "./topics.ts";

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
  /** How far a group is: for each partition of the topic, the offset of its next message, and the one that Kafka gives next. */
  groupOffsets(topic: keyof TopicNames, groupId: string): Promise<GroupOffsets[]>;
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

export interface GroupOffsets {
  partition: number;
  next: bigint;
  end: bigint;
}

export interface ConsumeOptions {
  topic: keyof TopicNames;
  groupId: string;
  /** How long the broker gathers messages before it answers, unless `minBytes` are there sooner. */
  lingerMs: number;
  minBytes: number;
  /** The most that one batch holds. */
  maxBytes: number;
  /** Told which partitions this member reads from now on, whenever the group deals them out. */
  onAssign?(partitions: readonly number[]): void;
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
