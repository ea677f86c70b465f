/**
 * Reads what came of an experiment. All numbers come from the views of `analytics/experiments/`; here they are put in order,
 * corrected for how many there are, and judged (`experiment_verdict.ts`).
 */
import type { MetricName } from "../events/contract/experiment_metrics.ts";
import type {
  ExperimentResults,
  ExperimentSegment,
  ExperimentSeries,
  SegmentResult,
} from "../events/contract/experiment_results.ts";
import type { AnalyticsReader } from "./analytics_reader.ts";
import {
  bindingsOf,
  comparisonsOf,
  type ExperimentQuestion,
  paceOfUnits,
  readComparisons,
} from "./experiment_comparisons.ts";
import { pricedBy, unpricedOf } from "./experiment_prices.ts";
import { type Findings, judgeComparisons, judgeExperiment } from "./experiment_verdict.ts";

/** @throws ProblemError where ClickHouse does not answer. */
export async function readExperimentResults(
  reader: AnalyticsReader,
  question: ExperimentQuestion,
): Promise<ExperimentResults> {
  const [shares, { rows, unpriced }] = await Promise.all([
    readShares(reader, question),
    readComparisons(reader, question, {}),
  ]);
  const { experiment, phase, definition, from, to } = question;
  return judgeExperiment({
    experiment,
    phase,
    unit: definition.unit,
    baseline: definition.variants[0].name,
    from: from.toISOString(),
    to: to.toISOString(),
    goal: definition.goal,
    guardrails: definition.guardrails,
    ...shares,
    imbalances: rows.filter(({ estimator }) => estimator === "before").map((row) => ({
      metric: row.metric,
      variant: row.variant,
      pValue: row.fixed_p_value,
    })),
    unpriced: unpricedOf(unpriced, definition.variants[0].name),
    comparisons: comparisonsOf(
      rows.filter(({ estimator }) => estimator !== "before"),
      {
        baseline: definition.variants[0].name,
        unitsPerDay: question.isRunning
          ? paceOfUnits(shares.variants, shares.exposedAt, to)
          : new Map(),
      },
    ),
  });
}

/** @throws ProblemError where ClickHouse does not answer. */
export async function readExperimentSeries(
  reader: AnalyticsReader,
  question: ExperimentQuestion,
  metric: MetricName,
): Promise<ExperimentSeries> {
  const { rows } = await readComparisons(reader, question, { metric, step: "day" });
  const adjustedDays = new Set(
    rows.filter(({ estimator }) => estimator === "cuped").map(({ at }) => at),
  );
  const points = rows.filter(({ estimator, at }) =>
    estimator === (adjustedDays.has(at) ? "cuped" : "unadjusted")
  ).map((row) => ({
    variant: row.variant,
    day: row.at,
    units: row.variant_units + row.baseline_units,
    lift: row.lift,
    low: row.sequential_lift_low,
    high: row.sequential_lift_high,
    pValue: row.sequential_p_value,
  }));
  return { metric, points: points.toSorted((a, b) => a.day < b.day ? -1 : 1) };
}

/** @throws ProblemError where ClickHouse does not answer. */
export async function readExperimentSegments(
  reader: AnalyticsReader,
  question: ExperimentQuestion,
  { metric, segment }: { metric: MetricName; segment: ExperimentSegment },
): Promise<SegmentResult[]> {
  const { rows, unpriced } = await readComparisons(reader, question, { metric, segment });
  const baseline = question.definition.variants[0].name;
  return [...Map.groupBy(rows, (row) => row.segment)]
    .map(([value, rows]) => ({
      value,
      comparisons: judgeComparisons(
        // How many come to a segment each day is not known.
        comparisonsOf(rows, { baseline, unitsPerDay: new Map() }),
        pricedBy(
          unpricedOf(unpriced.filter(({ segment }) => segment === value), baseline),
          baseline,
        ),
      ).map(({ metric: _, ...rest }) => rest),
    }))
    .toSorted((a, b) => a.value < b.value ? -1 : 1);
}

/** A row of the view `experiment_shares`. */
interface ShareRow {
  variant: string;
  units: number;
  recent_units: number;
  expected_share: number;
  mixed_units: number;
  exposed_at: string;
  split_p_value: number | null;
}

async function readShares(
  reader: AnalyticsReader,
  question: ExperimentQuestion,
): Promise<Pick<Findings, "variants" | "mixedUnits" | "splitPValue" | "exposedAt">> {
  const { variants } = question.definition;
  const weights = Object.fromEntries(variants.map(({ name, weight }) => [name, weight]));
  const rows = await reader.select<ShareRow>("experiment_shares", {
    ...bindingsOf(question),
    weights: { type: "String", value: JSON.stringify(weights) },
  });
  const all = rows.reduce((sum, { units }) => sum + Number(units), 0);
  return {
    variants: variants.flatMap(({ name }) =>
      rows.filter(({ variant }) => variant === name).map((row) => ({
        variant: name,
        units: Number(row.units),
        share: all === 0 ? 0 : Number(row.units) / all,
        expectedShare: row.expected_share,
        recentUnits: Number(row.recent_units),
      }))
    ),
    mixedUnits: Number(rows[0]?.mixed_units ?? 0),
    splitPValue: all === 0 ? null : rows[0].split_p_value,
    exposedAt: all === 0 ? null : rows[0].exposed_at,
  };
}
