/**
 * Reads the comparisons of an experiment's variants with its baseline: the rows of the view `experiment_comparisons`, of which
 * each estimator has its own, put together by metric and variant.
 */
import type { ExperimentDefinition } from "../events/contract/experiment.ts";
import type { MetricName } from "../events/contract/experiment_metrics.ts";
import type {
  Estimate,
  ExperimentSegment,
  Interval,
  MetricComparison,
  VariantUnits,
} from "../events/contract/experiment_results.ts";
import type { AnalyticsReader, ViewBindings } from "./analytics_reader.ts";

/** A lift that is worth waiting for: how many days it takes to see one so small is what is told. */
export const worthwhileLift = 0.05;

const dayMs = 86_400_000;
/** As the view `experiment_shares` counts recent units. */
const recentMs = 7 * dayMs;
/** From a shorter time nothing is foretold. */
const shortestPaceMs = dayMs / 24;

/** Which results are asked for. */
export interface ExperimentQuestion {
  experiment: string;
  phase: number;
  definition: Pick<ExperimentDefinition, "unit" | "variants" | "goal" | "guardrails">;
  /** When the experiment began, in its first phase: what a unit did before its exposure must be free of earlier ones. */
  from: Date;
  /** Up to when events count: the stop or the end of the experiment, or now. */
  to: Date;
  /** Whether units are still exposed, so that waiting tells more. */
  isRunning: boolean;
}

/** A comparison before it is corrected for how many there are. */
export type UnjudgedComparison =
  & { metric: MetricName }
  & Omit<MetricComparison, "adjustedPValue" | "judgement">;

/** A row of the view `experiment_comparisons`. */
export interface ComparisonRow {
  segment: string;
  metric: MetricName;
  at: string;
  variant: string;
  estimator: "unadjusted" | "cuped" | "before";
  baseline_units: number;
  baseline_denominator: number;
  baseline_mean: number;
  variant_units: number;
  variant_denominator: number;
  variant_mean: number;
  difference: number;
  standard_error: number;
  lift: number | null;
  sequential_p_value: number | null;
  sequential_low: number;
  sequential_high: number;
  sequential_lift_low: number | null;
  sequential_lift_high: number | null;
  fixed_test: "welch" | "two-proportions" | "z";
  fixed_p_value: number | null;
  fixed_low: number;
  fixed_high: number;
  fixed_lift_low: number | null;
  fixed_lift_high: number | null;
  detectable_lift: number | null;
  needed_units: number | null;
}

/** A row of the same view that is no metric: which share of the turns has no price. */
export interface UnpricedRow {
  segment: string;
  metric: "unpriced_turns";
  variant: string;
  baseline_mean: number;
  variant_mean: number;
}

/** @throws ProblemError where ClickHouse does not answer. */
export async function readComparisons(
  reader: AnalyticsReader,
  question: ExperimentQuestion,
  { metric = "", step = "total", segment = "" }: {
    metric?: MetricName | "";
    step?: "day" | "total";
    segment?: ExperimentSegment | "";
  },
): Promise<{ rows: ComparisonRow[]; unpriced: UnpricedRow[] }> {
  const rows = await reader.select<ComparisonRow | UnpricedRow>("experiment_comparisons", {
    ...bindingsOf(question),
    metric: { type: "String", value: metric },
    step: { type: "String", value: step },
    segment: { type: "String", value: segment },
    baseline: { type: "String", value: question.definition.variants[0].name },
    worthwhile_lift: { type: "Float64", value: String(worthwhileLift) },
  });
  const isUnpriced = (row: ComparisonRow | UnpricedRow) => row.metric === "unpriced_turns";
  return {
    rows: rows.filter((row): row is ComparisonRow => !isUnpriced(row)).map((row) => ({
      ...row,
      baseline_units: Number(row.baseline_units),
      variant_units: Number(row.variant_units),
    })),
    unpriced: rows.filter((row): row is UnpricedRow => isUnpriced(row)),
  };
}

/** The parameters that all views of an experiment have. */
export function bindingsOf(
  { experiment, phase, definition, from, to }: ExperimentQuestion,
): ViewBindings {
  return {
    experiment: { type: "String", value: experiment },
    phase: { type: "UInt32", value: String(phase) },
    unit: { type: "String", value: definition.unit },
    from: { type: "DateTime64(3)", value: from.toISOString() },
    to: { type: "DateTime64(3)", value: to.toISOString() },
  };
}

/**
 * Puts the rows of one metric and variant, one for each estimator, together. They are not judged yet.
 *
 * @param unitsPerDay How many come to a variant each day; of a variant that is absent, none does any more.
 */
export function comparisonsOf(
  rows: ComparisonRow[],
  { baseline, unitsPerDay }: { baseline: string; unitsPerDay: ReadonlyMap<string, number> },
): UnjudgedComparison[] {
  const paceOf = ({ variant }: ComparisonRow) =>
    (unitsPerDay.get(variant) ?? 0) + (unitsPerDay.get(baseline) ?? 0);
  return rows.filter(({ estimator }) => estimator === "unadjusted").map((row) => {
    const cuped = rows.find((other) =>
      other.estimator === "cuped" && other.metric === row.metric && other.variant === row.variant
    );
    const headline = cuped ?? row;
    return {
      metric: row.metric,
      variant: row.variant,
      baseline: {
        units: row.baseline_units,
        count: row.baseline_denominator,
        value: row.baseline_mean,
      },
      mean: {
        units: row.variant_units,
        count: row.variant_denominator,
        value: row.variant_mean,
      },
      headline: cuped === undefined ? "unadjusted" : "cuped",
      unadjusted: estimateOf(row),
      cuped: cuped === undefined ? null : {
        ...estimateOf(cuped),
        varianceReduction: 1 - (cuped.standard_error / row.standard_error) ** 2,
      },
      power: {
        detectableLift: headline.detectable_lift,
        worthwhileLift,
        daysLeft: daysLeft(headline, paceOf(row)),
      },
    };
  });
}

function estimateOf(row: ComparisonRow): Estimate {
  return {
    difference: row.difference,
    standardError: row.standard_error,
    lift: row.lift,
    sequential: {
      pValue: row.sequential_p_value,
      difference: { low: row.sequential_low, high: row.sequential_high },
      lift: interval(row.sequential_lift_low, row.sequential_lift_high),
    },
    fixed: {
      test: row.fixed_test,
      pValue: row.fixed_p_value,
      difference: { low: row.fixed_low, high: row.fixed_high },
      lift: interval(row.fixed_lift_low, row.fixed_lift_high),
    },
  };
}

function interval(low: number | null, high: number | null): Interval | null {
  return low === null || high === null ? null : { low, high };
}

function daysLeft(row: ComparisonRow, unitsPerDay: number): number | null {
  const missing = (row.needed_units ?? Infinity) - row.variant_units - row.baseline_units;
  if (missing <= 0) return 0;
  const days = Math.ceil(missing / unitsPerDay);
  return Number.isFinite(days) ? days : null;
}

/**
 * @param exposedAt When the first unit was exposed; null where none was.
 * @returns At which pace units have come, over the last seven days or since the first one came.
 */
export function paceOfUnits(
  variants: VariantUnits[],
  exposedAt: string | null,
  to: Date,
): Map<string, number> {
  if (exposedAt === null) return new Map();
  const sinceMs = to.getTime() - Date.parse(exposedAt);
  const days = Math.min(Math.max(sinceMs, shortestPaceMs), recentMs) / dayMs;
  return new Map(variants.map(({ variant, recentUnits }) => [variant, recentUnits / days]));
}
