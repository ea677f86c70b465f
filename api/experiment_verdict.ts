/** Judges what came of an experiment: which differences are believed, and what follows for the whole. */
import { experimentMetrics, type MetricName } from "../events/contract/experiment_metrics.ts";
import type {
  ExperimentHealth,
  ExperimentResults,
  ExperimentVerdict,
  MetricComparison,
  MetricResult,
  MetricRole,
  UnpricedTurns,
  VariantUnits,
} from "../events/contract/experiment_results.ts";
import type { UnjudgedComparison } from "./experiment_comparisons.ts";
import {
  type Finding,
  sayBetter,
  sayLift,
  sayUnclear,
  sayUnpriced,
  sayUnsound,
} from "./experiment_sentences.ts";
import { pricedBy } from "./experiment_prices.ts";

/** What chance alone does in one case of twenty is not believed. */
const alpha = 0.05;
/** What is wrong with an experiment itself is said only where chance hardly does it: such checks are looked at every day. */
const healthAlpha = 0.001;
/** With fewer units the normal distribution, which all intervals take, is too far away. */
export const unitsMin = 100;
/** People do other things on Sundays than on Mondays. */
const daysMin = 7;
const dayMs = 86_400_000;

type Head = Pick<ExperimentResults, "experiment" | "phase" | "unit" | "baseline" | "from" | "to">;

export interface Findings extends Head {
  goal: MetricName;
  guardrails: readonly MetricName[];
  variants: VariantUnits[];
  mixedUnits: number;
  splitPValue: number | null;
  /** How likely chance alone makes the variants differ so much before the exposure. */
  imbalances: { metric: MetricName; variant: string; pValue: number | null }[];
  /** When the first unit of the phase was exposed; null where none was. */
  exposedAt: string | null;
  /** Of which variants it is not known what they cost. */
  unpriced: UnpricedTurns[];
  comparisons: UnjudgedComparison[];
}

export function judgeExperiment(
  {
    goal,
    guardrails,
    variants,
    mixedUnits,
    splitPValue,
    imbalances,
    exposedAt,
    unpriced,
    comparisons,
    ...head
  }: Findings,
): ExperimentResults {
  const roleOf = (metric: MetricName): MetricRole =>
    metric === goal ? "goal" : guardrails.includes(metric) ? "guardrail" : "other";
  const judged = [...Map.groupBy(comparisons, ({ metric }) => roleOf(metric)).values()]
    .flatMap((each) => judgeComparisons(each, pricedBy(unpriced, head.baseline)));
  const names = Object.keys(experimentMetrics) as MetricName[];
  const inOrder = [...new Set([goal, ...guardrails, ...names])];
  const metrics = inOrder.map((metric) => ({
    metric,
    role: roleOf(metric),
    comparisons: judged.filter((each) => each.metric === metric)
      .map(({ metric: _, ...comparison }) => comparison),
  }));
  const health: ExperimentHealth = {
    split: { pValue: splitPValue, sound: splitPValue === null || splitPValue >= healthAlpha },
    mixedUnits,
    imbalances: imbalances.flatMap(({ metric, variant, pValue }) =>
      roleOf(metric) !== "other" && pValue !== null && pValue < healthAlpha
        ? [{ metric, variant, pValue }]
        : []
    ),
    unpriced: roleOf("cost_per_turn") === "other" ? [] : unpriced,
    tooLittle: whatIsMissing(variants, exposedAt, head),
  };
  const verdict = verdictOf({ ...head, health, variants, metrics });
  return { ...head, verdict, health, variants, metrics };
}

/**
 * Corrects p-values for how many there are, by Holm's method, and says which way each difference goes.
 *
 * @param isPriced Whether a variant can be compared by a metric, as far as prices go.
 */
export function judgeComparisons(
  comparisons: UnjudgedComparison[],
  isPriced: (comparison: UnjudgedComparison) => boolean,
): ({ metric: MetricName } & MetricComparison)[] {
  const corrected = holm(
    comparisons.map((each) =>
      isPriced(each) ? (each.cuped ?? each.unadjusted).sequential.pValue : null
    ),
  );
  return comparisons.map((each, index) => ({
    ...each,
    adjustedPValue: corrected[index],
    judgement: isPriced(each) ? judgementOf(each, corrected[index]) : "no-price",
  }));
}

function judgementOf(
  { metric, baseline, mean, cuped, unadjusted }: UnjudgedComparison,
  pValue: number | null,
): MetricComparison["judgement"] {
  if (Math.min(baseline.units, mean.units) < unitsMin) return "too-little-data";
  if (pValue === null || pValue >= alpha) return "unclear";
  const isUp = (cuped ?? unadjusted).difference > 0;
  return isUp === (experimentMetrics[metric].good === "up") ? "better" : "worse";
}

/**
 * Holm's step-down method: the smallest of m p-values times m, the next one times m - 1, and so on, none smaller than the one
 * before it. What has no p-value is not counted.
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const order = pValues.flatMap((pValue, index) => pValue === null ? [] : [{ pValue, index }])
    .toSorted((a, b) => a.pValue - b.pValue);
  const corrected: (number | null)[] = pValues.map(() => null);
  let largest = 0;
  for (const [rank, { pValue, index }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, pValue * (order.length - rank)));
    corrected[index] = largest;
  }
  return corrected;
}

function whatIsMissing(
  variants: VariantUnits[],
  exposedAt: string | null,
  { to }: Head,
): string[] {
  if (exposedAt === null) return ["nobody has been exposed yet"];
  const days = (Date.parse(to) - Date.parse(exposedAt)) / dayMs;
  return [
    ...variants.filter(({ units }) => units < unitsMin).map(({ variant, units }) =>
      `${variant} has ${units} of the ${unitsMin} units that it takes at least`
    ),
    ...(days < daysMin ? [`${days.toFixed(1)} of ${daysMin} days, a whole week, have passed`] : []),
  ];
}

interface Judged extends Head {
  health: ExperimentHealth;
  variants: VariantUnits[];
  metrics: MetricResult[];
}

function verdictOf({ baseline, health, variants, metrics }: Judged): ExperimentVerdict {
  if (!health.split.sound) {
    const sentence = sayUnsound(health.split.pValue!, variants);
    return { outcome: "unsound", variant: null, sentence };
  }
  const findings = (role: MetricRole): Finding[] =>
    metrics.filter((each) => each.role === role).flatMap(({ metric, comparisons }) =>
      comparisons.map((comparison) => ({ metric, ...comparison }))
    );
  const goals = findings("goal");
  if (goals.every(hasNoJudgement)) {
    const goal = metrics.find(({ role }) => role === "goal")!.metric;
    if (goal === "cost_per_turn" && health.unpriced.length > 0) {
      return { outcome: "unclear", variant: null, sentence: sayUnpriced(health.unpriced) };
    }
    const missing = health.tooLittle.join("; ") ||
      "of the goal, too few units have anything to tell";
    return {
      outcome: "too-little-data",
      variant: null,
      sentence: `It is too early to say anything: ${missing}.`,
    };
  }
  const harms = findings("guardrail").filter(({ judgement }) => judgement === "worse");
  const isHarmed = ({ variant }: Finding) => harms.some((harm) => harm.variant === variant);
  const best = strongest(goals.filter((each) => each.judgement === "better" && !isHarmed(each)));
  if (best) {
    const guardrails = metrics.filter(({ role }) => role === "guardrail")
      .map(({ metric, comparisons }) => ({
        metric,
        isJudged: comparisons.some(({ variant, judgement }) =>
          variant === best.variant && !hasNoJudgement({ judgement })
        ),
      }));
    return {
      outcome: "better",
      variant: best.variant,
      sentence: sayBetter(best, baseline, guardrails),
    };
  }
  if (harms.length > 0) {
    const harm = strongest(harms)!;
    return {
      outcome: "harmful",
      variant: harm.variant,
      sentence: `${harm.variant} does harm to a guardrail: ${sayLift(harm, baseline)}.`,
    };
  }
  const worst = strongest(goals.filter(({ judgement }) => judgement === "worse"));
  return worst
    ? {
      outcome: "worse",
      variant: worst.variant,
      sentence: `${worst.variant} is worse: ${sayLift(worst, baseline)}.`,
    }
    : { outcome: "unclear", variant: null, sentence: sayUnclear(goals, baseline) };
}

function hasNoJudgement({ judgement }: Pick<MetricComparison, "judgement">): boolean {
  return judgement === "too-little-data" || judgement === "no-price";
}

/** @returns The one whose lift is the largest, in whichever direction; undefined where there is none. */
function strongest(findings: Finding[]): Finding | undefined {
  const size = (each: Finding) => Math.abs((each.cuped ?? each.unadjusted).lift ?? 0);
  return findings.toSorted((a, b) => size(b) - size(a))[0];
}
