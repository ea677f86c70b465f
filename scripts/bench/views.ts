/**
 * How long each view of the dashboard takes over one and over ten million events, and how much memory: of all turns, at the
 * slowest of the ranges that people choose, and narrowed to the model and to the experiment with the most turns. The
 * rollup is refreshed before it is measured, as it is every hour.
 */
import { type ClickHouseClient, connectClickHouse, rowsOf } from "../../analytics/clickhouse.ts";
import { refreshRollup } from "../../analytics/rollup.ts";
import { AnalyticsReader } from "../../api/analytics_reader.ts";
import type { AnalyticsView } from "../../events/contract/api.ts";
import { briefAnswers } from "../seed/traffic_options.ts";
import type { Stack } from "../stack.ts";
import {
  addCopy,
  days,
  fillSlice,
  numberOf,
  peakMemoryMb,
  untilMerged,
  untilMs,
} from "./many_events.ts";
import { type Figure, quantile } from "./measurement.ts";

export const oneAndTenMillion = [1_000_000, 10_000_000];

/** Over the most events; what is only there to be compared with takes fewer. */
const runs = 20;
const runsToCompare = 3;
const aimMs = 400;
const aimMb = 1000;
const dayMs = 86_400_000;

/** The ranges that people choose, in days. */
const ranges = { day: 1, month: 30, all: days };
type Range = keyof typeof ranges;

/** A parameter by which a view is narrowed, and its value; null where it tells of all. */
type Narrowing = { by: string; value: string } | null;

/** What one view took, narrowed in one way. */
interface Taken {
  view: string;
  range: Range;
  narrowedBy: string | null;
  p50Ms: number;
  p95Ms: number;
  peakMb: number;
}

/**
 * @param sizes In events, rising.
 * @param names The views that are measured; all where there are none.
 * @throws Error where there is no such view.
 */
export async function measureViews(
  stack: Stack,
  sizes: readonly number[],
  names: readonly string[],
): Promise<Figure[]> {
  const url = stack.variables.CLICKHOUSE_URL;
  const clickHouse = connectClickHouse(url);
  const reader = new AnalyticsReader(stack.addresses.clickhouse);
  try {
    for (const name of names) await reader.view(name);
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
      const isLast = size === sizes.at(-1);
      const views = (await reader.views())
        .filter(({ name }) => names.length === 0 || names.includes(name));
      taken.push(await measureEach(reader, clickHouse, views, isLast ? runs : runsToCompare));
    }
    printTable(taken.at(-1)!);
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

async function measureEach(
  reader: AnalyticsReader,
  clickHouse: ClickHouseClient,
  views: readonly AnalyticsView[],
  runs: number,
): Promise<Taken[]> {
  const model = await busiestModel(clickHouse);
  const taken: Taken[] = [];
  for (const view of views) {
    const measure = async (range: Range, narrowing: Narrowing): Promise<Taken> => {
      const read = readerOf(reader, view, range, narrowing);
      // The first run warms the caches, and tells the memory.
      const peakMb = await peakMemoryMb(clickHouse, view.name, read);
      const times: number[] = [];
      for (let run = 0; run < runs; run++) times.push(await msOf(read));
      const [p50Ms, p95Ms] = [quantile(times), quantile(times, 0.95)];
      return { view: view.name, range, narrowedBy: narrowing?.by ?? null, p50Ms, p95Ms, peakMb };
    };
    taken.push(await measure(await slowestRange(reader, view), null));
    const narrowings = [
      { by: "model", value: model },
      { by: "experiment", value: briefAnswers.name },
    ].filter(({ by }) => view.parameters.some(({ name }) => name === by));
    for (const narrowing of narrowings) taken.push(await measure("all", narrowing));
  }
  return taken;
}

function readerOf(
  reader: AnalyticsReader,
  { name }: AnalyticsView,
  range: Range,
  narrowing: Narrowing,
): () => Promise<unknown> {
  const from = new Date(untilMs - ranges[range] * dayMs).toISOString();
  const given = { from, to: new Date(untilMs).toISOString() };
  return () => reader.rows(name, narrowing ? { ...given, [narrowing.by]: narrowing.value } : given);
}

/** @returns The range over which a second look takes longest: the first one warms the caches. */
async function slowestRange(reader: AnalyticsReader, view: AnalyticsView): Promise<Range> {
  const times: [Range, number][] = [];
  for (const range of Object.keys(ranges) as Range[]) {
    const read = readerOf(reader, view, range, null);
    await read();
    times.push([range, await msOf(read)]);
  }
  return times.reduce((slowest, each) => each[1] > slowest[1] ? each : slowest)[0];
}

async function msOf(read: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await read();
  return performance.now() - beganMs;
}

async function busiestModel(clickHouse: ClickHouseClient): Promise<string> {
  const [{ model }] = await rowsOf<{ model: string }>(
    clickHouse,
    `SELECT model FROM events WHERE event_type = 'attempt.started'
     GROUP BY model ORDER BY count() DESC LIMIT 1`,
  );
  return model;
}

/** Prints what each view took as Markdown, the slowest first. */
function printTable(taken: readonly Taken[]): void {
  console.log("\n| view | of | p50 | p95 | memory |\n| --- | --- | --: | --: | --: |");
  for (const each of taken.toSorted((a, b) => b.p95Ms - a.p95Ms)) {
    const { view, p50Ms, p95Ms, peakMb } = each;
    const cells = [`${p50Ms.toFixed(0)} ms`, `${p95Ms.toFixed(0)} ms`, `${peakMb.toFixed(0)} MB`];
    console.log(`| \`${view}\` | ${conditionsOf(each)} | ${cells.join(" | ")} |`);
  }
  console.log();
}

/** @returns What each view took over the most events, beside the aims and what it took over the fewest. */
function figuresOf(taken: Taken[][]): Figure[] {
  const [fewest, most] = [taken[0], taken.at(-1)!];
  return most.flatMap((each): Figure[] => {
    const { view, narrowedBy, p50Ms, p95Ms, peakMb } = each;
    const before = fewest.find((other) => other.view === view && other.narrowedBy === narrowedBy)!;
    const what = `${view}, ${conditionsOf(each)}`;
    const fewer = { what: "that over the fewest events", value: before.p50Ms };
    return [
      { what: `${what}: p95`, value: p95Ms, unit: "ms", against: { what: "aim", value: aimMs } },
      { what: `${what}: p50`, value: p50Ms, unit: "ms", against: fewer },
      {
        what: `${what}: the most memory`,
        value: peakMb,
        unit: "MB",
        against: { what: "aim", value: aimMb },
      },
    ];
  });
}

function conditionsOf({ range, narrowedBy }: Taken): string {
  return narrowedBy === null ? range : `${range}, one ${narrowedBy}`;
}
