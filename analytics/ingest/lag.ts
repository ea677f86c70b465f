/** How far ingestion is behind Kafka, for each partition that this process reads: as its batches tell, and as the broker does. */

import type { GroupOffsets } from "../../events/kafka/kafka_log.ts";

export interface PartitionLag {
  partition: number;
  /** How many messages are in Kafka and not yet in ClickHouse. */
  messages: number;
  /** When the oldest of them came to Kafka, or was seen there first; null where there is none. */
  oldestMs: number | null;
}

interface Place {
  next: bigint;
  end: bigint;
  oldestMs: number | null;
}

export class Lag {
  readonly #places = new Map<number, Place>();
  #assigned: ReadonlySet<number> = new Set();

  /** The process reads these from now on: how far others are is not its to tell. */
  assign(partitions: readonly number[]): void {
    this.#assigned = new Set(partitions);
    for (const partition of this.#places.keys()) {
      if (!this.#assigned.has(partition)) this.#places.delete(partition);
    }
  }

  /**
   * A batch begins, or has ended.
   *
   * @param oldestMs The time in Kafka of the message before `next`, or of that itself where the batch begins.
   */
  batch({ partition, next, end }: GroupOffsets, oldestMs: number): void {
    // It may have gone to another process meanwhile.
    if (this.#assigned.has(partition)) this.#set(partition, { next, end, oldestMs });
  }

  /** What the broker says of the group, asked at this time. What a batch has told since is not taken back. */
  lookUp(offsets: readonly GroupOffsets[], nowMs: number): void {
    for (const { partition, next, end } of offsets) {
      if (!this.#assigned.has(partition)) continue;
      const known = this.#places.get(partition);
      this.#set(partition, {
        next: known !== undefined && known.next > next ? known.next : next,
        end,
        oldestMs: known?.oldestMs ?? nowMs,
      });
    }
  }

  partitions(): PartitionLag[] {
    return [...this.#places].map(([partition, { next, end, oldestMs }]) => ({
      partition,
      messages: Number(end - next),
      oldestMs,
    }));
  }

  /** The end that is known is never taken back: a batch was fetched before the broker was asked, or the other way round. */
  #set(partition: number, { next, end, oldestMs }: Place): void {
    const known = this.#places.get(partition);
    const latest = known !== undefined && known.end > end ? known.end : end;
    this.#places.set(partition, {
      next,
      end: latest,
      oldestMs: latest > next ? oldestMs : null,
    });
  }
}
