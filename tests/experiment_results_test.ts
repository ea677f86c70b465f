/** The results of experiments on a real ClickHouse, read as the API's user does: small cases, every number counted by hand. */
import assert from "node:assert/strict";
import { clientOf, startTemporaryServer } from "../analytics/embedded/temporary_server.ts";
import { migrate } from "../analytics/migrate.ts";
import { AnalyticsReader } from "../api/analytics_reader.ts";
import type { ExperimentQuestion } from "../api/experiment_comparisons.ts";
import {
  readExperimentResults,
  readExperimentSegments,
  readExperimentSeries,
} from "../api/experiment_results.ts";
import type { MetricName } from "../events/contract/experiment_metrics.ts";
import { type ExperimentTurn, rowsOfTurn } from "./support/experiment_turns.ts";

const startMs = Date.parse("2026-11-02T00:00:00Z");
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const question: ExperimentQuestion = {
  experiment: "tone",
  phase: 1,
  definition: {
    unit: "user",
    goal: "thumbs_up_rate",
    guardrails: ["cost_per_turn"],
    variants: [
      { name: "control", weight: 1, overrides: {} },
      { name: "brief", weight: 1, overrides: {} },
    ],
  },
  from: new Date(startMs),
  to: new Date(startMs + 10 * dayMs),
  isRunning: true,
};

/** A server with these turns, each of them delivered twice, and its reader as the API has it. */
async function withTurns(turns: ExperimentTurn[]) {
  const server = await startTemporaryServer();
  await migrate({ url: server.writerUrl });
  await using writer = clientOf(server.writerUrl);
  const values = turns.flatMap(rowsOfTurn);
  for (let time = 0; time < 2; time++) {
    await writer.insert({ table: "events", values, format: "JSONEachRow" });
  }
  const reader = new AnalyticsReader(server.url);
  return {
    reader,
    server,
    async [Symbol.asyncDispose]() {
      await reader.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

let count = 0;
/** @param day Days after the start of the experiment. */
function turn(user: string, day: number, more: Partial<ExperimentTurn> = {}): ExperimentTurn {
  return { user, turnId: `turn ${++count}`, atMs: startMs + day * dayMs, ...more };
}

const control = { experiment: "tone", variant: "control" };
const brief = { experiment: "tone", variant: "brief" };

Deno.test("counted is what units of one variant did from their exposure on", async () => {
  const first = turn("a", 1, { exposure: control, rating: "up", costUsd: 0.5, firstTokenMs: 90 });
  await using events = await withTurns([
    // Before: not counted, but known. Too long before: not known either.
    turn("a", -3, { rating: "down", costUsd: 1 }),
    turn("a", -29, { rating: "down", costUsd: 1 }),
    first,
    // Not reached by the experiment, and counted all the same; a rating that was taken back is none.
    turn("a", 2, { rating: null, end: "stopped", costUsd: 0.25, firstTokenMs: 10 }),
    turn("b", 1, { exposure: control, end: "failed", firstTokenMs: 20 }),
    turn("b", 1.5, { exposure: control, rating: "down", costUsd: 0.25, isFallback: true }),
    turn("c", 3, { exposure: brief, rating: "up", costUsd: 1, durationMs: 5000 }),
    turn("c", 4, { exposure: brief, rating: "up", costUsd: 1, regenerates: "x", durationMs: 3000 }),
    turn("c", 4.1, { exposure: brief, rating: "down", outputTokens: 40 }),
    turn("d", 5, { exposure: brief }),
    // Both variants, so neither; another phase, another experiment, a backtest, after the end: not theirs.
    turn("e", 1, { exposure: control, rating: "up" }),
    turn("e", 2, { exposure: brief, rating: "up" }),
    turn("f", 1, { exposure: { ...control, phase: 2 }, rating: "up" }),
    turn("g", 1, { exposure: { ...control, experiment: "other" }, rating: "up" }),
    turn("h", 1, { exposure: control, rating: "up", backtest: "nightly" }),
    turn("i", 11, { exposure: control, rating: "up" }),
    turn("a", 11, { rating: "up" }),
  ]);
  const results = await readExperimentResults(events.reader, question);
  const figures = (metric: MetricName) => {
    const [comparison] = results.metrics.find((each) => each.metric === metric)!.comparisons;
    const { baseline, mean } = comparison;
    return [baseline.units, baseline.count, baseline.value, mean.units, mean.count, mean.value];
  };

  assert.deepEqual(results.variants.map(({ variant, units, share }) => [variant, units, share]), [
    ["control", 2, 0.5],
    ["brief", 2, 0.5],
  ]);
  assert.equal(results.health.mixedUnits, 1);
  assert.deepEqual(results.metrics.slice(0, 2).map(({ metric, role }) => [metric, role]), [
    ["thumbs_up_rate", "goal"],
    ["cost_per_turn", "guardrail"],
  ]);
  assert.deepEqual(figures("thumbs_up_rate"), [2, 2, 1 / 2, 2, 3, 2 / 3]);
  assert.deepEqual(figures("thumbs_down_rate"), [2, 4, 1 / 4, 2, 4, 1 / 4]);
  assert.deepEqual(figures("completion_rate"), [2, 4, 2 / 4, 2, 4, 1]);
  assert.deepEqual(figures("failure_rate"), [2, 4, 1 / 4, 2, 4, 0]);
  assert.deepEqual(figures("stop_rate"), [2, 4, 1 / 4, 2, 4, 0]);
  assert.deepEqual(figures("fallback_rate"), [2, 4, 1 / 4, 2, 4, 0]);
  assert.deepEqual(figures("regenerate_rate"), [2, 4, 0, 2, 4, 1 / 4]);
  assert.deepEqual(figures("cost_per_turn"), [2, 4, 1 / 4, 2, 4, 1 / 2]);
  assert.deepEqual(figures("output_tokens"), [2, 4, 0, 2, 4, 10]);
  assert.deepEqual(figures("turns_per_user"), [2, 2, 2, 2, 2, 2]);
  assert.deepEqual(figures("retention"), [2, 2, 1 / 2, 2, 2, 1 / 2]);
  assert.deepEqual(figures("time_to_first_token"), [2, 4, 20, 2, 4, 100]);
  assert.deepEqual(figures("time_to_first_token_p95"), [2, 4, 100, 2, 4, 100]);
  assert.deepEqual(figures("duration"), [2, 2, 1000, 2, 4, 1000]);
  assert.deepEqual(figures("duration_p95"), [2, 2, 1000, 2, 4, 5000]);
  assert.equal(results.verdict.outcome, "too-little-data");
});

/** Users of both variants, of whom some have rated a turn before, nine of ten of those up. */
function ratedBefore(
  experiment: string,
  ratedOf: Record<"control" | "brief", number>,
): ExperimentTurn[] {
  return Object.entries(ratedOf).flatMap(([variant, rated]) =>
    Array.from({ length: 120 }, (_, index) => {
      const user = `${experiment} ${variant} ${index}`;
      const before = index < rated ? (index % 10 === 0 ? "down" : "up") : undefined;
      const rating = index % 5 === 0 ? "down" : "up";
      return [
        turn(user, -2, { rating: before }),
        turn(user, 1, { exposure: { experiment, variant }, rating }),
      ];
    }).flat()
  );
}

Deno.test("what was before is taken from a hundred units of each variant, and from fewer is none", async () => {
  await using events = await withTurns([
    ...ratedBefore("one-sided", { control: 120, brief: 0 }),
    ...ratedBefore("few", { control: 120, brief: 99 }),
    ...ratedBefore("enough", { control: 120, brief: 100 }),
  ]);
  for (
    const [experiment, expected] of [
      ["one-sided", "unadjusted"],
      ["few", "unadjusted"],
      ["enough", "cuped"],
    ] as const
  ) {
    const asked = { ...question, experiment };
    const { health, metrics } = await readExperimentResults(events.reader, asked);
    const [{ headline, cuped, unadjusted }] = metrics[0].comparisons;
    assert.deepEqual([experiment, headline], [experiment, expected]);
    assert.deepEqual(health.imbalances, []);
    const { points } = await readExperimentSeries(events.reader, asked, "thumbs_up_rate");
    assert.equal(points.at(-1)!.low, (cuped ?? unadjusted).sequential.lift!.low);
  }
});

Deno.test("what a model without a price costs is not taken for nothing", async () => {
  await using events = await withTurns([
    ...["a", "b", "c"].map((user) => turn(user, 1, { exposure: control, costUsd: 0.5 })),
    ...["d", "e"].map((user) => turn(user, 1, { exposure: brief, priceVersion: null })),
    turn("f", 1, { exposure: brief, costUsd: 0.25 }),
    turn("g", 1, { exposure: brief, costUsd: 0.75 }),
  ]);
  const results = await readExperimentResults(events.reader, question);
  assert.deepEqual(results.health.unpriced, [{ variant: "brief", share: 1 / 2 }]);
  const [{ mean, judgement }] = results.metrics[1].comparisons;
  // Of the two turns of which it is known.
  assert.deepEqual([mean.count, mean.value, judgement], [2, 0.5, "no-price"]);
  const [{ comparisons }] = await readExperimentSegments(events.reader, question, {
    metric: "cost_per_turn",
    segment: "visitor",
  });
  assert.equal(comparisons[0].judgement, "no-price");
});

Deno.test("the series tells for each day what was known at its end", async () => {
  await using events = await withTurns([
    turn("a", 0.2, { exposure: control, rating: "up" }),
    turn("b", 0.5, { exposure: control, rating: "down" }),
    turn("c", 0.1, { exposure: brief, rating: "down" }),
    turn("d", 0.3, { exposure: brief, rating: "down" }),
    turn("a", 2, { rating: "up" }),
    // A day on which the baseline does nothing is a day of the series all the same.
    turn("c", 3, { rating: "up" }),
    turn("c", 3.1, { rating: "up" }),
  ]);
  const { points } = await readExperimentSeries(events.reader, question, "thumbs_up_rate");
  assert.deepEqual(
    points.map(({ day, units, lift }) => [day, units, lift]),
    [
      ["2026-11-02", 4, (0 - 1 / 2) / (1 / 2)],
      ["2026-11-04", 4, (0 - 2 / 3) / (2 / 3)],
      ["2026-11-05", 4, (2 / 4 - 2 / 3) / (2 / 3)],
    ],
  );
  const { metrics } = await readExperimentResults(events.reader, question);
  const last = points.at(-1)!;
  assert.equal(metrics[0].comparisons[0].unadjusted.lift, last.lift);
  assert.equal(metrics[0].comparisons[0].unadjusted.sequential.pValue, last.pValue);
});

Deno.test("units fall into segments by what was so before their exposure", async () => {
  const users = ["a", "b", "c", "d", "e", "f", "g", "h"];
  await using events = await withTurns(users.flatMap((user, index) => {
    const exposure = index % 2 === 0 ? control : brief;
    const isReturning = index < 4;
    return [
      ...(isReturning ? [turn(user, -1, { route: "other" })] : []),
      turn(user, 1, { exposure, route: isReturning ? "fast" : "default", costUsd: index }),
      turn(user, 2, { exposure, route: "other", costUsd: index }),
    ];
  }));
  for (
    const [segment, returning, fresh] of [
      ["visitor", "returning", "new"],
      ["asked_for", "fast", "default"],
    ] as const
  ) {
    const results = await readExperimentSegments(events.reader, question, {
      metric: "cost_per_turn",
      segment,
    });
    const figures = Object.fromEntries(
      results.map(({ value, comparisons: [{ baseline, mean }] }) => [
        value,
        [baseline.units, baseline.value, mean.units, mean.value],
      ]),
    );
    assert.deepEqual(figures, { [fresh]: [2, 5, 2, 6], [returning]: [2, 1, 2, 2] });
  }
});

Deno.test("a split of 52 to 48 is seen with 20,000 units, and one of 50.4 to 49.6 is believed", async () => {
  await using events = await withTurns([]);
  await using writer = clientOf(events.server.writerUrl);
  const splitOf = async (experiment: string, inControl: number) => {
    await writer.command({
      query:
        `INSERT INTO events (event_id, event_type, event_time, user_key, turn_id, experiment, phase, variant)
        SELECT generateUUIDv4(), 'variant.exposed', {time:DateTime64(3)}, toString(number), toString(number), {experiment:String}, 1,
          if(number < {inControl:UInt32}, 'control', 'brief') FROM numbers(20000)`,
      query_params: { time: new Date(startMs + dayMs), experiment, inControl },
    });
    return await readExperimentResults(events.reader, { ...question, experiment });
  };
  const uneven = await splitOf("uneven", 10_400);
  assert.equal(uneven.health.split.sound, false);
  assert.equal(uneven.verdict.outcome, "unsound");
  assert.match(uneven.verdict.sentence, /control has 52% of the units instead of 50%/);
  const even = await splitOf("even", 10_080);
  // χ² is 2 · 80² / 10,000 = 1.28, which has this p-value.
  assert.equal(even.health.split.pValue!.toFixed(4), "0.2579");
  assert.equal(even.health.split.sound, true);
  assert.notEqual(even.verdict.outcome, "unsound");
});
