/**
 * The statistics of experiments against SciPy, statsmodels and gbstats: `fixtures/experiments/reference.py` made the turns
 * and says what those find in them.
 */
import assert from "node:assert/strict";
import { migrate } from "../analytics/migrate.ts";
import {
  createTemporaryDatabase,
  type TemporaryDatabase,
} from "../analytics/testing/temporary_database.ts";
import { holm } from "../api/experiment_verdict.ts";
import { metricNames } from "../events/contract/experiment_metrics.ts";
import reference from "./fixtures/experiments/reference.json" with { type: "json" };
import { type ExperimentTurn, rowsOfTurn } from "./support/experiment_turns.ts";

const startMs = Date.parse("2026-10-01T00:00:00Z");
const dayMs = 86_400_000;
/** Of the number itself. */
const tolerance = 1e-6;

type Expected = { metric: string; estimator: string } & Record<string, number | null | string>;

Deno.test("views and independent packages agree on every number to a millionth", async (test) => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  for (const [experiment, { turns, expected }] of Object.entries(reference.experiments)) {
    await database.client.insert({
      table: "events",
      values: turns.flatMap((values, index) =>
        rowsOfTurn(turnOf(experiment, values as Values, index))
      ),
      format: "JSONEachRow",
    });
    const rows = await comparisonsOf(database, experiment);
    for (const each of expected as Expected[]) {
      await test.step(`${experiment}: ${each.metric}, ${each.estimator}`, () => {
        const found = rows.find(({ metric, estimator }) =>
          metric === each.metric && estimator === each.estimator
        )!;
        assertAlike(found, each);
      });
    }
  }
  await test.step("no metric is missing", () => {
    const compared = new Set(reference.experiments.large.expected.map(({ metric }) => metric));
    assert.deepEqual([...compared].sort(), metricNames.toSorted());
  });
});

Deno.test("χ² of two to five variants is as SciPy has it", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  for (const [index, { units, weights, pValue }] of reference.splits.entries()) {
    const experiment = `split ${index}`;
    for (const [variant, count] of units.entries()) {
      await database.client.command({
        query:
          `INSERT INTO events (event_id, event_type, event_time, user_key, turn_id, experiment, phase, variant)
          SELECT generateUUIDv4(), 'variant.exposed', '2026-10-02 00:00:00', concat({variant:String}, ' ', toString(number)),
            toString(number), {experiment:String}, 1, {variant:String} FROM numbers({count:UInt32})`,
        query_params: { experiment, variant: String(variant), count },
      });
    }
    const rows = await database.rows<{ units: number; split_p_value: number }>(
      `SELECT * FROM experiment_shares(experiment = {experiment:String}, phase = 1, unit = 'user',
        from = '2026-10-01 00:00:00', to = '2026-11-01 00:00:00', weights = {weights:String}) ORDER BY variant`,
      { experiment, weights: JSON.stringify({ ...weights }) },
    );
    assert.deepEqual(rows.map((row) => Number(row.units)), units);
    assert.ok(isClose(rows[0].split_p_value, pValue), `${rows[0].split_p_value}, not ${pValue}`);
  }
});

Deno.test("Holm's correction is as statsmodels has it", () => {
  const { pValues, corrected } = reference.holm;
  holm(pValues).forEach((found, index) => assert.ok(isClose(found!, corrected[index])));
});

type Values = (string | number | boolean | null)[];

function turnOf(experiment: string, values: Values, index: number): ExperimentTurn {
  const { variant, user, atMs, isExposed, regenerates, ...turn } = Object.fromEntries(
    reference.experiments.large.columns.map((column, place) => [column, values[place]]),
  );
  return {
    ...turn as Pick<ExperimentTurn, "costUsd" | "outputTokens" | "firstTokenMs" | "durationMs">,
    end: turn.end as ExperimentTurn["end"],
    rating: turn.rating as ExperimentTurn["rating"],
    isFallback: turn.isFallback as boolean,
    user: `${experiment} ${user}`,
    turnId: `${experiment} ${index}`,
    atMs: startMs + (atMs as number),
    ...(isExposed ? { exposure: { experiment, variant: variant as string } } : {}),
    ...(regenerates ? { regenerates: "another" } : {}),
  };
}

async function comparisonsOf(database: TemporaryDatabase, experiment: string) {
  return await database.rows<Expected>(
    `SELECT * FROM experiment_comparisons(experiment = {experiment:String}, phase = 1, unit = 'user',
      from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, metric = '', step = 'total', segment = '',
      baseline = 'control', worthwhile_lift = 0.05)`,
    { experiment, from: new Date(startMs), to: new Date(startMs + 20 * dayMs) },
  );
}

function assertAlike(found: Expected, expected: Expected): void {
  for (const [name, value] of Object.entries(expected)) {
    if (typeof value === "string") continue;
    const number = found[name] === null ? null : Number(found[name]);
    const alike = number === null || value === null ? number === value : isClose(number, value);
    assert.ok(alike, `${name}: ${found[name]}, not ${value}`);
  }
}

function isClose(found: number, expected: number): boolean {
  return Math.abs(found - expected) <= tolerance * Math.abs(expected);
}
