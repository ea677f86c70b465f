/**
 * Counts the events that came again, which the tables keep once all the same: those that a producer stated twice, and
 * those that Kafka delivers again after a crash. Never more than there were, and fewer where an event comes again long
 * after it came first: `recentMax` says how long.
 */
import type { ReceivedMessage } from "../../events/kafka/kafka_log.ts";
import { type ClickHouseClient, rowsOf } from "../clickhouse.ts";
import { insertRows } from "./insert_rows.ts";
import { duplicatesCaught } from "./metrics.ts";
import { type BatchContext, retryForever } from "./retry.ts";

/** How many of the last events this process knows by heart: at 36 characters each some 5 MB. */
const recentMax = 50_000;
/** What is delivered again begins with what was: so many of a batch's first events tell whether any was inserted before. */
const probeLength = 10;
/** How many ids a query names. */
const idsMax = 500;

/** What is looked up by: with type and time ClickHouse need not read the whole table. */
export interface CountedEvent {
  id: string;
  type: string;
  /** As ClickHouse writes it. */
  time: string;
}

export class Duplicates {
  readonly #clickHouse: ClickHouseClient;
  /** Ids in the order in which they came. */
  readonly #recent = new Set<string>();
  /** By partition: the offset at which the next batch begins, where nothing is delivered again. */
  readonly #next = new Map<number, bigint>();

  constructor(clickHouse: ClickHouseClient) {
    this.#clickHouse = clickHouse;
  }

  /**
   * To be asked before a batch is inserted.
   *
   * @returns How many of its events others have inserted: those that had the partition before, or this process before it
   * failed, and that did not come to commit how far they were.
   */
  async insertedByOthers(
    messages: ReceivedMessage[],
    events: CountedEvent[],
    context: BatchContext,
  ): Promise<number> {
    const { partition, offset } = messages[0];
    if (this.#next.get(partition) === offset) return 0;
    const unknown = new Map(events.map((event) => [event.id, event]));
    for (const id of unknown.keys()) if (this.#recent.has(id)) unknown.delete(id);
    return await this.#alreadyThere([...unknown.values()], context);
  }

  /** Says that these events of a batch are inserted, and states how many of them came before. */
  async inserted(
    messages: ReceivedMessage[],
    events: CountedEvent[],
    byOthers: number,
    context: BatchContext,
  ): Promise<void> {
    let count = byOthers;
    for (const { id } of events) {
      if (this.#recent.has(id)) count++;
      else this.#recent.add(id);
    }
    for (const id of this.#recent) {
      if (this.#recent.size <= recentMax) break;
      this.#recent.delete(id);
    }
    const { partition, offset } = messages.at(-1)!;
    // Where some came again, the next batch is looked up too.
    if (byOthers === 0) this.#next.set(partition, offset + 1n);
    else this.#next.delete(partition);
    if (count === 0) return;
    duplicatesCaught.inc(count);
    const rows = [{
      id: crypto.randomUUID(),
      json: JSON.stringify({ partition, events: count }),
    }];
    await insertRows(this.#clickHouse, "duplicates", rows, context);
  }

  async #alreadyThere(events: CountedEvent[], context: BatchContext): Promise<number> {
    const find = (events: CountedEvent[]) =>
      retryForever(context, "Could not look for events that came before", () => this.#find(events));
    if (events.length === 0 || await find(events.slice(0, probeLength)) === 0) return 0;
    let count = 0;
    for (let first = 0; first < events.length; first += idsMax) {
      count += await find(events.slice(first, first + idsMax));
    }
    return count;
  }

  /** @returns How many of them are in the table. */
  async #find(events: CountedEvent[]): Promise<number> {
    const times = events.map(({ time }) => time).sort();
    const [{ there }] = await rowsOf<{ there: number | string }>(
      this.#clickHouse,
      `SELECT uniqExact(event_id) AS there FROM events
        WHERE event_type IN {types:Array(String)}
          AND event_time BETWEEN {first:DateTime64(3, 'UTC')} AND {last:DateTime64(3, 'UTC')}
          AND event_id IN {ids:Array(UUID)}`,
      {
        types: [...new Set(events.map(({ type }) => type))],
        first: times[0],
        last: times.at(-1),
        ids: events.map(({ id }) => id),
      },
    );
    return Number(there);
  }
}
