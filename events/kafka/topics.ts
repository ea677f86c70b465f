/** The topics of Turnlog and how they are set up. */

export interface TopicNames {
  /** Every event, keyed by conversation, exactly as stored. */
  events: string;
  /** Stream parts of answers that are being written, partitioned by turn. */
  deltas: string;
  /** Commands to all workers, such as to stop a turn. */
  control: string;
  /** Messages that ingestion could not read, as they came. */
  deadLetters: string;
}

/**
 * @param prefix Put before every name, so that several installations can share a cluster.
 */
export function topicNames(prefix: string): TopicNames {
  return {
    events: `${prefix}turnlog.events`,
    deltas: `${prefix}turnlog.deltas`,
    control: `${prefix}turnlog.control`,
    deadLetters: `${prefix}turnlog.dead_letters`,
  };
}

const hourMs = 3_600_000;

/** How each topic is created; on a topic that exists, its settings are brought to these. */
export const topicSettings: Record<
  keyof TopicNames,
  { partitions: number; settings: Record<string, string> }
> = {
  // The log of record is the store; a month in Kafka lets ClickHouse be rebuilt without it.
  events: { partitions: 4, settings: { "retention.ms": String(30 * 24 * hourMs) } },
  deltas: {
    partitions: 4,
    settings: {
      "retention.ms": String(hourMs),
      // Retention works by whole segments: without smaller ones an hour would stay a week.
      "segment.ms": String(hourMs / 4),
    },
  },
  control: {
    partitions: 1,
    settings: { "retention.ms": String(hourMs), "segment.ms": String(hourMs / 4) },
  },
  deadLetters: { partitions: 1, settings: { "retention.ms": "-1" } },
};

/** How many bytes one message may have: an event holds a whole answer, and Kafka's default of 1 MB would refuse a long one. */
export const messageBytesMax = 8 * 1024 * 1024;
