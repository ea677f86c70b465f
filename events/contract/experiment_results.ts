/**
 * What came of an experiment: `GET /api/experiments/:id` answers with it. How each number is found stands in
 * `docs/experiments.md`. Times are ISO 8601, UTC; shares and lifts are ratios (0.05 is 5 %).
 */
import type { ExperimentUnit } from "./experiment.ts";
import type { MetricName } from "./experiment_metrics.ts";

export interface ExperimentResults {
  experiment: string;
  phase: number;
  unit: ExperimentUnit;
  /** The variant with which the others are compared. */
  baseline: string;
  /** When the experiment began, in its first phase; and up to when its events are counted. */
  from: string;
  to: string;
  verdict: ExperimentVerdict;
  health: ExperimentHealth;
  /** In the order of the definition. */
  variants: VariantUnits[];
  /** The goal, then the guardrails, then all others. */
  metrics: MetricResult[];
}

export interface ExperimentVerdict {
  /**
   * - `unsound`: something is wrong with who got which variant; believe no number before that is found
   * - `too-little-data`: nothing can be said yet
   * - `unclear`: no variant differs from the baseline in the goal, as far as can be said
   * - `better`: a variant is better than the baseline in the goal, and worse in no guardrail
   * - `harmful`: a guardrail is worse with a variant that may be better in the goal
   * - `worse`: no variant is better, and one is worse in the goal
   */
  outcome: "unsound" | "too-little-data" | "unclear" | "better" | "harmful" | "worse";
  /** The variant that the outcome is about; null where it is about none in particular. */
  variant: string | null;
  /** The same in plain words. */
  sentence: string;
}

export interface ExperimentHealth {
  /** Whether units are split as the weights say: a p-value below 0.001 says that they are not. Null without units. */
  split: { pValue: number | null; sound: boolean };
  /** Units that got several variants in the phase; they are left out of all numbers. */
  mixedUnits: number;
  /** Differences from before the exposure, in the goal and the guardrails: those with a p-value below 0.001. */
  imbalances: { metric: MetricName; variant: string; pValue: number }[];
  /** Variants of which more than 1 % of the turns have no price, where cost is the goal or a guardrail. */
  unpriced: UnpricedTurns[];
  /** Why it is too early, in words; empty where there is enough. */
  tooLittle: string[];
}

/** Turns of which it is not known what they cost, since a model without a price had a part in them. */
export interface UnpricedTurns {
  variant: string;
  /** Of all turns of the variant. */
  share: number;
}

export interface VariantUnits {
  variant: string;
  units: number;
  /** Of all units of the experiment. */
  share: number;
  expectedShare: number;
  /** Units that were exposed in the last seven days. */
  recentUnits: number;
}

export type MetricRole = "goal" | "guardrail" | "other";

export interface MetricResult {
  metric: MetricName;
  role: MetricRole;
  /** One for each variant but the baseline, as far as there is anything to compare. */
  comparisons: MetricComparison[];
}

/** A variant beside the baseline. */
export interface MetricComparison {
  variant: string;
  baseline: ArmMean;
  mean: ArmMean;
  /** What is believed: `cuped` where 100 units of each variant are known from before the exposure, else `unadjusted`. */
  headline: "unadjusted" | "cuped";
  unadjusted: Estimate;
  /** With what is known of the units from the 28 days before; null where too little is. */
  cuped: CupedEstimate | null;
  /** The sequential p-value of the headline, by Holm's method over all metrics of the role and all variants. */
  adjustedPValue: number | null;
  /**
   * By the adjusted p-value and which way is better; `too-little-data` below 100 units in either variant, `no-price` where
   * the cost of more than 1 % of the turns of either is not known.
   */
  judgement: "better" | "worse" | "unclear" | "too-little-data" | "no-price";
  power: Power;
}

/** As it was counted. */
export interface ArmMean {
  /** Units with a part in the metric. */
  units: number;
  /** By what the sum is divided: turns for rates per turn, units for means, values for quantiles. */
  count: number;
  /** The mean, rate or quantile. */
  value: number;
}

export interface Estimate {
  difference: number;
  standardError: number;
  /** The difference by the baseline's value; null where that is 0. */
  lift: number | null;
  /** Holds at every look: look as often as you like, and stop when you like. */
  sequential: TestResult;
  /** Holds for one look at a time that was fixed before. */
  fixed: TestResult & { test: "welch" | "two-proportions" | "z" };
}

export interface CupedEstimate extends Estimate {
  /** By how much the variance of the difference is smaller than unadjusted: 0.3 is what 43 % more units would give. */
  varianceReduction: number;
}

/** Intervals cover the truth in 95 % of the cases. */
export interface TestResult {
  /** Null where neither variant varies. */
  pValue: number | null;
  difference: Interval;
  /** Null where the baseline itself may be 0. */
  lift: Interval | null;
}

export interface Interval {
  low: number;
  high: number;
}

export interface Power {
  /** The lift that the sequential test would find now in four cases of five; null where the baseline is 0. */
  detectableLift: number | null;
  /** The lift for which it is asked whether there are units enough. */
  worthwhileLift: number;
  /**
   * Days until a lift of that size is found, at the pace of the last seven days, or of those since the first unit came; null
   * where no unit comes any more, and where the baseline is 0.
   */
  daysLeft: number | null;
}

/** How the lift of a metric came to be what it is, by the estimator that was the headline then; `low` and `high` are sequential. */
export interface ExperimentSeries {
  metric: MetricName;
  /** By variant and day; a day counts all that was until its end (UTC). */
  points: SeriesPoint[];
}

export interface SeriesPoint {
  variant: string;
  /** `2026-11-24`. */
  day: string;
  units: number;
  lift: number | null;
  low: number | null;
  high: number | null;
  pValue: number | null;
}

/**
 * By what was so before the unit was exposed, so that a variant cannot move units from one segment to another:
 * - `asked_for`: the route or model that the exposed turn asked for
 * - `visitor`: new, or with a turn in the 28 days before
 * - `client`: the app or a program
 */
export const experimentSegments = ["asked_for", "visitor", "client"] as const;
export type ExperimentSegment = typeof experimentSegments[number];

export interface SegmentResult {
  /** The segment's value. */
  value: string;
  /** Not corrected for looking at several segments: what is found here is a question for the next experiment. */
  comparisons: MetricComparison[];
}
