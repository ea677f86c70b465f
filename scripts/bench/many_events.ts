/**
 * Millions of events in ClickHouse for measurements of queries: a slice of made-up traffic is multiplied within ClickHouse.
 * Each copy has people and conversations of its own, a little later than the ones before it.
 */
import type { ClickHouseClient } from "../../analytics/clickhouse.ts";
import { clickHouseTarget } from "../seed/targets.ts";
import { trafficDefaults } from "../seed/traffic_options.ts";
import { writeTraffic } from "../seed/write_traffic.ts";

const sliceEvents = 200_000;
/** Merges that go on after so long are measured as well. */
const mergesMsMax = 240_000;

export const days = 90;
export const untilMs = Date.UTC(2026, 10, 24, 12);

/** @returns How many events the slice has, in a table of its own; those of the system are in `events` at once. */
export async function fillSlice(clickHouse: ClickHouseClient, url: string): Promise<number> {
  const target = clickHouseTarget(url);
  const traffic = { ...trafficDefaults, events: sliceEvents, days, untilMs, timeZone: "UTC" };
  await writeTraffic(traffic, target, () => {});
  await target.close();
  await clickHouse.command({ query: "CREATE TABLE slice AS events" });
  await clickHouse.command({
    query: "INSERT INTO slice SELECT * FROM events WHERE user_key != ''",
  });
  await clickHouse.command({ query: "DELETE FROM events WHERE user_key != ''" });
  return await numberOf(clickHouse, "SELECT count() FROM slice");
}

/** What a copy has of its own. */
const namesOfCopy = [
  "user_key",
  "conversation_id",
  "turn_id",
  "parent_turn_id",
  "regenerated_from_turn_id",
];

export async function addCopy(clickHouse: ClickHouseClient, copy: number): Promise<void> {
  const own = namesOfCopy.map((column) =>
    `if(${column} = '', '', concat(${column}, '-', toString({copy:UInt32}))) AS ${column}`
  );
  await clickHouse.command({
    query: `INSERT INTO events SELECT * REPLACE (
        reinterpretAsUUID(sipHash128(event_id, {copy:UInt32})) AS event_id,
        event_time + toIntervalSecond({copy:UInt32} * 61) AS event_time,
        event_time + toIntervalMillisecond(700) AS ingested_at,
        arrayMap(id -> concat(id, '-', toString({copy:UInt32})), compared_turn_ids) AS compared_turn_ids,
        ${own.join()}
      ) FROM slice`,
    query_params: { copy },
    clickhouse_settings: { insert_deduplication_token: `copy-${copy}` },
  });
}

export async function untilMerged(clickHouse: ClickHouseClient): Promise<void> {
  const giveUpAtMs = Date.now() + mergesMsMax;
  while (Date.now() < giveUpAtMs) {
    if (await numberOf(clickHouse, "SELECT count() FROM system.merges") === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/**
 * The most memory that a query takes while it runs, as `system.processes` tells every few milliseconds: the embedded
 * ClickHouse has no log of queries. What a query takes in its last moments may be missed; a reader's limit of 1 GiB holds
 * in any case.
 */
export async function peakMemoryMb(
  clickHouse: ClickHouseClient,
  view: string,
  read: () => Promise<unknown>,
): Promise<number> {
  let isRunning = true;
  const running = read().finally(() => isRunning = false);
  let peakBytes = 0;
  while (isRunning) {
    const bytes = await numberOf(
      clickHouse,
      `SELECT max(peak_memory_usage) FROM system.processes
       WHERE position(query, 'FROM ${view}') > 0 AND position(query, 'system.processes') = 0`,
    );
    peakBytes = Math.max(peakBytes, bytes);
  }
  await running;
  return peakBytes / 1024 / 1024;
}

/** @returns The one number that the query gives. */
export async function numberOf(clickHouse: ClickHouseClient, query: string): Promise<number> {
  const result = await clickHouse.query({ query, format: "JSONCompactEachRow" });
  // Numbers of 64 bits come as text from a server that has it so.
  const [[number]] = await result.json<[number | string]>();
  return Number(number);
}
