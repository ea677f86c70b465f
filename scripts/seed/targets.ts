/** Where made-up events go: straight into ClickHouse, onto the topic of events, or into the store. */
import { type ClickHouseClient, connectClickHouse, rowsOf } from "../../analytics/clickhouse.ts";
import { readEventRows } from "../../analytics/ingest/event_row.ts";
import { insertSettings } from "../../analytics/ingest/insert_rows.ts";
import { refreshRollup } from "../../analytics/rollup.ts";
import { keyOf, type TurnlogEvent } from "../../events/contract/event.ts";
import { connectKafka } from "../../events/kafka/kafkajs_log.ts";
import { openSqliteStore } from "../../events/store/sqlite_store.ts";
import { seedSource } from "./source.ts";

export interface SeedTarget {
  /** How many events one call of `write` is best given. */
  batchLength: number;
  /** What is there that was not made here, or was made here before; null where there is nothing. */
  whatIsThere(): Promise<string | null>;
  write(events: TurnlogEvent[]): Promise<void>;
  close(): Promise<void>;
}

/** @param url With a user who may insert. */
export function clickHouseTarget(url: string): SeedTarget {
  const clickHouse = connectClickHouse(url);
  const encoder = new TextEncoder();
  return {
    batchLength: 20_000,
    async whatIsThere() {
      const { others, made } = await countEvents(clickHouse);
      if (others > 0) return `${others} messages of users`;
      return made > 0 ? `${made} messages that were made up before` : null;
    },
    async write(events) {
      // By the same way as ingestion, so that a row here is what it would have been there.
      const rows = events.map((event) => readEventRows(encoder.encode(JSON.stringify(event))));
      const arrived = rows.map(({ event }, index) => ({
        ...event,
        ingested_at: arrivalOf(events[index]),
      }));
      await insert(clickHouse, "events", arrived);
      await insert(
        clickHouse,
        "event_texts",
        rows.flatMap(({ texts }) => texts === null ? [] : [texts]),
      );
    },
    close: () => clickHouse.close(),
  };
}

/** When the event would have arrived, between 0.2 and 0.7 s after it happened: else all months would lag behind until now. */
function arrivalOf({ id, time }: TurnlogEvent): string {
  const lagMs = 200 + parseInt(id.slice(-3), 16) % 500;
  return new Date(Date.parse(time) + lagMs).toISOString();
}

async function insert(
  clickHouse: ClickHouseClient,
  table: string,
  values: Record<string, unknown>[],
): Promise<void> {
  if (values.length === 0) return;
  await clickHouse.insert({
    table,
    values,
    format: "JSONEachRow",
    clickhouse_settings: {
      ...insertSettings,
      // What was removed may be made up again: then it must not be taken for a batch that is there.
      insert_deduplication_token: crypto.randomUUID(),
    },
  });
}

/**
 * How experiments stand is known by the store alone: there the app finds those that were made up, wherever the other
 * events go.
 */
export function withExperimentsInStore(target: SeedTarget, storePath: string): SeedTarget {
  return {
    ...target,
    async write(events) {
      const ofExperiments = events.filter(({ type }) => type.startsWith("experiment."));
      if (ofExperiments.length > 0) {
        const store = openSqliteStore(storePath);
        await store.append(ofExperiments).finally(() => store.close());
      }
      await target.write(events);
    },
  };
}

async function countEvents(
  clickHouse: ClickHouseClient,
): Promise<{ others: number; made: number }> {
  const [{ others, made }] = await rowsOf<{ others: string; made: string }>(
    clickHouse,
    `SELECT countIf(source != {seed:String}) AS others, countIf(source = {seed:String}) AS made
      FROM events WHERE event_type = 'message.sent'`,
    { seed: seedSource },
  );
  return { others: Number(others), made: Number(made) };
}

/**
 * Takes out of ClickHouse what was made up.
 *
 * @param url With a user who may delete.
 * @returns How many events that were.
 */
export async function removeSeed(url: string): Promise<number> {
  const clickHouse = connectClickHouse(url);
  const query_params = { seed: seedSource };
  try {
    const [{ made }] = await rowsOf<{ made: string }>(
      clickHouse,
      "SELECT count() AS made FROM events FINAL WHERE source = {seed:String}",
      query_params,
    );
    const deletions = [
      // First: while the events are there, the removal can be asked for again.
      "DELETE FROM event_texts WHERE event_id IN (SELECT event_id FROM events WHERE source = {seed:String})",
      "DELETE FROM events WHERE source = {seed:String}",
    ];
    for (const query of deletions) {
      const clickhouse_settings = { lightweight_deletes_sync: "2" } as const;
      await clickHouse.command({ query, query_params, clickhouse_settings });
    }
    await refreshRollup(clickHouse);
    return Number(made);
  } finally {
    await clickHouse.close();
  }
}

export async function kafkaTarget(
  { brokers, topicPrefix, storePath }: {
    brokers: string[];
    topicPrefix: string;
    storePath: string;
  },
): Promise<SeedTarget> {
  const kafka = connectKafka({ brokers, topicPrefix, clientId: "turnlog-seed" });
  const producer = await kafka.producer();
  return {
    batchLength: 2_000,
    whatIsThere: () => turnsInStore(storePath),
    write: (events) =>
      producer.send(
        "events",
        events.map((event) => ({ key: keyOf(event), value: JSON.stringify(event) })),
      ),
    close: () => kafka.close(),
  };
}

export function storeTarget(path: string): SeedTarget {
  const store = openSqliteStore(path);
  return {
    // One transaction, in which nobody else can write.
    batchLength: 500,
    whatIsThere: () => turnsInStore(path),
    write: (events) => store.append(events),
    close: () => store.close(),
  };
}

/** Made-up turns too: what is in the log of the app stays there. */
async function turnsInStore(path: string): Promise<string | null> {
  const store = openSqliteStore(path);
  try {
    const { turnIds } = await store.endedTurns({
      from: "1970-01-01T00:00:00.000Z",
      to: "9999-12-31T00:00:00.000Z",
      limit: 1,
    });
    return turnIds.length === 0 ? null : "turns";
  } finally {
    await store.close();
  }
}
