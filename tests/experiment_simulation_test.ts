/**
 * What the statistics of experiments promise, over a thousand simulated experiments. The views are those that are used; only
 * the one that reads events is replaced by one that makes units up, from hashes, so that every run sees the same ones.
 */
import assert from "node:assert/strict";
import { migrate } from "../analytics/migrate.ts";
import {
  createTemporaryDatabase,
  type TemporaryDatabase,
} from "../analytics/testing/temporary_database.ts";

const runs = 1000;
const looks = 50;

interface Simulation {
  kind: "ratio" | "mean";
  unitsOfRun: number;
  /** By how much the variant has more than the baseline. */
  lift: number;
}

/**
 * Users with one to three turns, before the experiment and in it. What a turn costs is skewed: half of it by how eager its
 * user is, half by luck, each distributed exponentially. The same number of users comes on each of the days.
 */
async function simulateUnits(
  { client }: TemporaryDatabase,
  { kind, unitsOfRun, lift }: Simulation,
): Promise<void> {
  await client.command({
    query: `
      CREATE OR REPLACE VIEW experiment_units AS
      WITH
        salt -> (cityHash64(number, salt) + 1) / 18446744073709551617. AS chance,
        -log(chance('eagerness')) AS eagerness,
        if('${kind}' = 'mean', 1, 1 + floor(3 * chance('turns'))) AS turns,
        if('${kind}' = 'mean', 1, 1 + floor(3 * chance('turns before'))) AS turns_before
      SELECT
        toString(intDiv(number, ${unitsOfRun})) AS experiment,
        '' AS segment,
        if(chance('variant') < 0.5, 'control', 'changed') AS variant,
        toString(number) AS unit,
        if({step:String} = 'day', toDate('2026-09-01') + intDiv(number % ${unitsOfRun} * ${looks}, ${unitsOfRun}), toDate('2026-11-01')) AS point,
        true AS is_first,
        false AS is_before,
        ['simulated'] AS names,
        ['${kind}'] AS kinds,
        [turns * (eagerness - log(chance('luck'))) * if(variant = 'changed', ${
      1 + lift
    }, 1)] AS numerators_now,
        [turns] AS denominators_now,
        numerators_now AS numerators_so_far,
        denominators_now AS denominators_so_far,
        [[]]::Array(Array(Float64)) AS values_now,
        [turns_before * (eagerness - log(chance('luck before')))] AS numerators_before,
        [turns_before] AS denominators_before
      FROM numbers(${runs * unitsOfRun})`,
  });
}

/** Of its looks, how many still have units that come; at the others all have come, and only their turns go on. */
const arrivalLooks = 30;

/**
 * Users who come on the first days and come back: each has a turn when it comes and 1 to 10 later ones, on every day or on
 * every second one. Half of what a turn costs is its user's, who so counts with more turns the longer one looks.
 */
async function simulateReturningUnits(
  { client }: TemporaryDatabase,
  unitsOfRun: number,
): Promise<void> {
  await client.command({
    query: `
      CREATE OR REPLACE VIEW experiment_units AS
      WITH
        (entity, salt) -> (cityHash64(entity, salt) + 1) / 18446744073709551617. AS chance,
        -log(chance(number, 'eagerness')) AS eagerness,
        range(2 + cityHash64(number, 'turns') % 10) AS unit_turns,
        arrayMap(turn -> eagerness - log(chance((number, turn), 'luck')), unit_turns) AS costs,
        1 + cityHash64(number, 'pause') % 2 AS pause,
        1 + floor(3 * chance(number, 'turns before')) AS turns_before
      SELECT
        toString(intDiv(number, ${unitsOfRun})) AS experiment,
        '' AS segment,
        if(chance(number, 'variant') < 0.5, 'control', 'changed') AS variant,
        toString(number) AS unit,
        toDate('2026-09-01') + number % ${arrivalLooks} + turn * pause AS point,
        turn = 0 AS is_first,
        false AS is_before,
        ['simulated'] AS names,
        ['ratio'] AS kinds,
        [cost] AS numerators_now,
        [toFloat64(1)] AS denominators_now,
        [cost_so_far] AS numerators_so_far,
        [toFloat64(turn + 1)] AS denominators_so_far,
        [[]]::Array(Array(Float64)) AS values_now,
        [turns_before * (eagerness - log(chance(number, 'luck before')))] AS numerators_before,
        [turns_before] AS denominators_before
      FROM numbers(${runs * unitsOfRun})
      ARRAY JOIN unit_turns AS turn, costs AS cost, arrayCumSum(costs) AS cost_so_far
      WHERE {step:String} = 'day'`,
  });
}

function comparisons(step: "day" | "total"): string {
  return `experiment_comparisons(experiment = '', phase = 1, unit = 'user', from = '2026-09-01 00:00:00',
    to = '2026-11-01 00:00:00', metric = '', step = '${step}', segment = '', baseline = 'control', worthwhile_lift = 0.05)`;
}

Deno.test("of a thousand experiments without an effect, looked at daily, the sequential test finds one in at most 5 %", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  await simulateUnits(database, { kind: "ratio", unitsOfRun: 5000, lift: 0 });
  const found = await database.rows<Record<string, number | string>>(`
    SELECT
      estimator,
      toUInt32(count()) AS looked_at,
      uniqExactIf(experiment, sequential_p_value < 0.05) / ${runs} AS sequential,
      uniqExactIf(experiment, fixed_p_value < 0.05) / ${runs} AS fixed,
      uniqExactIf(experiment, fixed_p_value < 0.05 AND at = last) / ${runs} AS fixed_once
    FROM (SELECT *, max(at) OVER () AS last FROM ${comparisons("day")})
    GROUP BY estimator ORDER BY estimator`);
  console.table(found);
  assert.deepEqual(found.map(({ estimator }) => estimator), ["before", "cuped", "unadjusted"]);
  for (const { estimator, looked_at, sequential, fixed, fixed_once } of found) {
    // A hundred users come each day: it takes some until a hundred of each variant are known from before.
    const looksMin = estimator === "unadjusted" ? looks : looks - 4;
    assert.ok(Number(looked_at) >= runs * looksMin, `${looked_at} looks by ${estimator}`);
    assert.ok(Number(sequential) <= 0.05, `${sequential} by the sequential test`);
    // What the test that is made for one look does here, and that it is right for one look.
    assert.ok(Number(fixed) > 0.25, `${fixed} by the z-test, whenever it is looked at`);
    assert.ok(Math.abs(Number(fixed_once) - 0.05) < 0.02, `${fixed_once} by the z-test at the end`);
  }
});

Deno.test("users who come back, also when no new ones come, are found no difference in more often", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  await simulateReturningUnits(database, 1000);
  const found = await database.rows<Record<string, number | string>>(`
    SELECT
      estimator,
      uniqExact(at) AS looks,
      uniqExactIf(at, at > toDate('2026-09-01') + ${arrivalLooks - 1}) AS looks_without_new_units,
      uniqExactIf(experiment, sequential_p_value < 0.05) / ${runs} AS sequential,
      uniqExactIf(experiment, fixed_p_value < 0.05) / ${runs} AS fixed
    FROM ${comparisons("day")}
    WHERE estimator != 'before'
    GROUP BY estimator ORDER BY estimator`);
  console.table(found);
  assert.deepEqual(found.map(({ estimator }) => estimator), ["cuped", "unadjusted"]);
  for (const { looks_without_new_units, sequential, fixed } of found) {
    assert.equal(looks_without_new_units, 20);
    assert.ok(Number(sequential) <= 0.05, `${sequential} by the sequential test`);
    // Less often with CUPED, which has no part in the first looks, where chance goes furthest.
    assert.ok(Number(fixed) > 0.15, `${fixed} by the z-test, whenever it is looked at`);
  }
});

Deno.test("the intervals of a lift hold the true one: the sequential at every look at once, the fixed at the last", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  await simulateUnits(database, { kind: "ratio", unitsOfRun: 5000, lift: 0.1 });
  const found = await database.rows<Record<string, number | string>>(`
    SELECT
      estimator,
      uniqExactIf(experiment, sequential_lift_low > 0.1 OR sequential_lift_high < 0.1) / ${runs} AS sequential_missed,
      uniqExactIf(experiment, at = last AND (fixed_lift_low > 0.1 OR fixed_lift_high < 0.1)) / ${runs} AS fixed_missed,
      uniqExactIf(experiment, at = last AND sequential_lift_low > 0) / ${runs} AS sequential_found
    FROM (SELECT *, max(at) OVER () AS last FROM ${comparisons("day")})
    WHERE estimator != 'before'
    GROUP BY estimator ORDER BY estimator`);
  console.table(found);
  assert.deepEqual(found.map(({ estimator }) => estimator), ["cuped", "unadjusted"]);
  for (const { sequential_missed, fixed_missed, sequential_found } of found) {
    assert.ok(Number(sequential_missed) <= 0.05, `${sequential_missed} missed at some look`);
    assert.ok(Math.abs(Number(fixed_missed) - 0.05) < 0.02, `${fixed_missed} missed at the last`);
    assert.ok(Number(sequential_found) > 0.5, `${sequential_found} found`);
  }
});

Deno.test("CUPED shrinks the variance by the square of the correlation with what was before", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  await simulateUnits(database, { kind: "mean", unitsOfRun: 2000, lift: 0 });
  // Half of the variance is the user's, the same before and after: the correlation is 1/2.
  const theory = 1 - (1 / 2) ** 2;
  const [{ told, happened }] = await database.rows<{ told: number; happened: number }>(`
    SELECT
      avgIf(pow(standard_error, 2), estimator = 'cuped') / avgIf(pow(standard_error, 2), estimator = 'unadjusted') AS told,
      varSampIf(difference, estimator = 'cuped') / varSampIf(difference, estimator = 'unadjusted') AS happened
    FROM ${comparisons("total")}`);
  console.table([{ theory, told, happened }]);
  assert.ok(Math.abs(told - theory) < 0.01, `${told} by the standard errors, not ${theory}`);
  assert.ok(Math.abs(happened - theory) < 0.05, `${happened} over the experiments, not ${theory}`);
});

/** 200 users with 1 to 20 turns each; the logarithm of a time is a sum of two normal numbers, the user's and the turn's. */
async function simulateTurns(
  { client }: TemporaryDatabase,
  unit: string,
  experiments: number,
): Promise<void> {
  await client.command({
    query: `
      CREATE OR REPLACE VIEW experiment_turns AS
      WITH
        (entity, salt) -> sqrt(-2 * log((cityHash64(entity, salt, 'length') + 1) / 18446744073709551617.))
          * cos(2 * pi() * cityHash64(entity, salt, 'angle') / 18446744073709551616.) AS normal
      SELECT
        toString(intDiv(number, 200)) AS experiment,
        ${unit} AS unit,
        'control' AS variant,
        now() AS began_at,
        began_at AS exposed_at,
        false AS is_before,
        false AS is_exposed_turn,
        '' AS asked_for,
        false AS is_of_program,
        false AS is_regeneration,
        false AS fell_back,
        '' AS last_rating,
        0 AS cost_usd,
        0 AS output_tokens,
        'completed' AS last_outcome,
        exp(normal(number, 'user') + normal((number, turn), 'turn')) AS duration_ms,
        [duration_ms] AS first_tokens_ms
      FROM numbers(${200 * experiments})
      ARRAY JOIN range(1 + cityHash64(number, 'turns') % 20) AS turn
      WHERE {unit:String} = 'user'`,
  });
}

Deno.test("the interval of a quantile holds the true one although the turns of a user are alike", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  // The quantiles of a normal distribution with the variance 2.
  const truth = { duration: 1, duration_p95: Math.exp(1.6448536269514722 * Math.SQRT2) };
  const covered = async (metric: keyof typeof truth) => {
    const [{ share }] = await database.rows<{ share: number }>(`
      SELECT avg(abs(mean - ${truth[metric]}) <= 1.959963984540054 * sqrt(variance)) AS share
      FROM experiment_arms(experiment = '', phase = 1, unit = 'user', from = '2026-09-01 00:00:00',
        to = '2026-11-01 00:00:00', metric = '${metric}', step = 'total', segment = '')`);
    return share;
  };
  await simulateTurns(database, "toString(number)", runs);
  const byUser = { p50: await covered("duration"), p95: await covered("duration_p95") };
  // What comes of it where each turn is taken for a user of its own: so far off that fewer experiments show it.
  await simulateTurns(database, "concat(toString(number), ' ', toString(turn))", runs / 5);
  const byTurn = { p50: await covered("duration"), p95: await covered("duration_p95") };
  console.table({ byUser, byTurn });
  assert.ok(byUser.p50 > 0.93 && byUser.p50 < 0.97, `median: ${byUser.p50} covered`);
  assert.ok(byUser.p95 > 0.92 && byUser.p95 < 0.97, `95th percentile: ${byUser.p95} covered`);
  assert.ok(byTurn.p50 < 0.8, `median by turns: ${byTurn.p50} covered`);
});
