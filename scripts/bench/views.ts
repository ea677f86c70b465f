/**
 * How long each view of the dashboard takes over one and over ten million events, and how much memory. A slice of made-up
 * traffic is multiplied within ClickHouse: each copy has people and conversations of its own, a little later than the
 * ones before it. The rollup is refreshed before it is measured, as it is every hour.
 */
import { type ClickHouseClient, connectClickHouse } from "../../analytics/clickhouse.ts";
import { refreshRollup } from "../../analytics/rollup.ts";
import { AnalyticsReader } from "../../api/analytics_reader.ts";
import type { AnalyticsView } from "../../events/contract/api.ts";
import { clickHouseTarget } from "../seed/targets.ts";
import { trafficDefaults } from "../seed/traffic_options.ts";
import { writeTraffic } from "../seed/write_traffic.ts";
import type { Stack } from "../stack.ts";
import { type Figure, quantile } from "./measurement.ts";

export const oneAndTenMillion = [1_000_000, 10_000_000];

const sliceEvents = 200_000;
const runs = 5;
const aimMs = 400;
const aimMb = 1000;
const dayMs = 86_400_000;
/** Merges that go on after so long are measured as well. */
const mergesMsMax = 240_000;

export const days = 90;
export const untilMs = Date.UTC(2026, 10, 24, 12);
/** The ranges that people choose, in days. */
const ranges = { day: 1, month: 30, all: days };
type Range = keyof typeof ranges;

/** What one view took over one range. */
interface Taken {
  view: string;
  range: Range;
  p50Ms: number;
  p95Ms: number;
  peakMb: number;
}

/** @param sizes In events, rising. */
export async function measureViews(stack: Stack, sizes: readonly number[]): Promise<Figure[]> {
  const url = stack.variables.CLICKHOUSE_URL;
  const clickHouse = connectClickHouse(url);
  const reader = new AnalyticsReader(stack.addresses.clickhouse);
  try {
    const slice = await fillSlice(clickHouse, url);
    const taken: Taken[][] = [];
    const refreshes: number[] = [];
    let copies = 0;
    for (const size of sizes) {
      const wanted = Math.round(size / slice);
      for (; copies < wanted; copies++) await addCopy(clickHouse, copies);
      const beganMs = performance.now();
      await refreshRollup(clickHouse);
      refreshes.push((performance.now() - beganMs) / 1000);
      await untilMerged(clickHouse);
      const events = await numberOf(clickHouse, "SELECT count() FROM events");
      console.log(`${events.toLocaleString("en")} events are there`);
      taken.push(await measureEach(reader, clickHouse));
    }
    const fewer = { what: "that of the fewest events", value: refreshes[0] };
    return [
      { what: "a refresh of the rollup", value: refreshes.at(-1)!, unit: "s", against: fewer },
      ...figuresOf(taken),
    ];
  } finally {
    await reader.close();
    await clickHouse.close();
  }
}

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

async function measureEach(
  reader: AnalyticsReader,
  clickHouse: ClickHouseClient,
): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (const view of await reader.views()) {
    for (const range of Object.keys(ranges) as Range[]) {
      taken.push(await measureView(reader, clickHouse, view, range));
    }
  }
  return taken;
}

async function measureView(
  reader: AnalyticsReader,
  clickHouse: ClickHouseClient,
  { name }: AnalyticsView,
  range: Range,
): Promise<Taken> {
  const from = new Date(untilMs - ranges[range] * dayMs).toISOString();
  const read = () => reader.rows(name, { from, to: new Date(untilMs).toISOString() });
  // The first run warms the caches, and tells the memory.
  const peakMb = await peakMemoryMb(clickHouse, name, read);
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const beganMs = performance.now();
    await read();
    times.push(performance.now() - beganMs);
  }
  return { view: name, range, p50Ms: quantile(times), p95Ms: quantile(times, 0.95), peakMb };
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

/** @returns Of each view what it took at its slowest range, over the most events, and how that grew from the fewest. */
function figuresOf(taken: Taken[][]): Figure[] {
  const [fewest, most] = [taken[0], taken.at(-1)!];
  const slowest = Map.groupBy(most, ({ view }) => view).values().map((ofView) =>
    ofView.reduce((a, b) => a.p95Ms >= b.p95Ms ? a : b)
  );
  return [...slowest].flatMap(({ view, range, p50Ms, p95Ms }): Figure[] => {
    const before = fewest.find((each) => each.view === view && each.range === range)!;
    const peakMb = Math.max(...most.flatMap((each) => each.view === view ? each.peakMb : []));
    const what = `${view}, ${range}`;
    const fewer = { what: "the same over the fewest events", value: before.p50Ms };
    return [
      { what: `${what}: p95`, value: p95Ms, unit: "ms", against: { what: "aim", value: aimMs } },
      { what: `${what}: p50`, value: p50Ms, unit: "ms", against: fewer },
      {
        what: `${view}: the most memory`,
        value: peakMb,
        unit: "MB",
        against: { what: "aim", value: aimMb },
      },
    ];
  });
}

/** @returns The one number that the query gives. */
export async function numberOf(clickHouse: ClickHouseClient, query: string): Promise<number> {
  const result = await clickHouse.query({ query, format: "JSONCompactEachRow" });
  const [[number]] = await result.json<[number]>();
  return number;
}
