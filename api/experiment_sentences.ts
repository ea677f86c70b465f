/** Says in plain words what an experiment's judged numbers amount to. */
import { experimentMetrics, type MetricName } from "../events/contract/experiment_metrics.ts";
import type {
  MetricComparison,
  UnpricedTurns,
  VariantUnits,
} from "../events/contract/experiment_results.ts";

/** One comparison with the metric that it is of. */
export interface Finding extends MetricComparison {
  metric: MetricName;
}

/** Of what happens more rarely, nobody can tell the number. */
const rarestSaid = 1e-6;

/** @param pValue How likely chance alone splits the units so. */
export function sayUnsound(pValue: number, variants: VariantUnits[]): string {
  const shares = variants.map(({ variant, share, expectedShare }) =>
    `${variant} has ${percent(share)} of the units instead of ${percent(expectedShare)}`
  );
  const chance = pValue < rarestSaid
    ? "less than once in a million"
    : `once in ${Math.round(1 / pValue).toLocaleString("en")}`;
  return `Do not believe these numbers: ${shares.join(", ")}, which chance alone does ${chance} ` +
    `experiments. Units get lost on the way to one variant.`;
}

/** @param guardrails Of the variant that is better, none of them worse. */
export function sayBetter(
  finding: Finding,
  baseline: string,
  guardrails: { metric: MetricName; isJudged: boolean }[],
): string {
  const unjudged = guardrails.filter(({ isJudged }) => !isJudged)
    .map(({ metric }) => `“${experimentMetrics[metric].title}”`);
  const harmless = guardrails.length === 0
    ? "It has no guardrails"
    : unjudged.length === 0
    ? "No guardrail is shown to be worse"
    : `No guardrail is shown to be worse, but ${unjudged.join(" and ")} cannot be judged yet`;
  return `${finding.variant} is better: ${sayLift(finding, baseline)}. ${harmless}.`;
}

/** @param finding Of which it is known that it differs. */
export function sayLift(finding: Finding, baseline: string): string {
  const { lift, sequential, difference } = finding.cuped ?? finding.unadjusted;
  const { title } = experimentMetrics[finding.metric];
  if (lift === null) {
    return `“${title}” is ${difference > 0 ? "above" : "below"} that of ${baseline}, which is 0`;
  }
  const range = sequential.lift
    ? `, and between ${signed(sequential.lift.low)} and ${
      signed(sequential.lift.high)
    } as far as is known`
    : "";
  return `“${title}” is ${signed(lift)} against ${baseline}${range}`;
}

export function sayUnclear(goals: Finding[], baseline: string): string {
  const said = goals.filter(({ judgement }) => judgement === "unclear").map((finding) => {
    const { lift } = finding.cuped ?? finding.unadjusted;
    const { title } = experimentMetrics[finding.metric];
    return lift === null
      ? `With ${finding.variant}, no lift of “${title}” can be told from a baseline of 0.`
      : `With ${finding.variant}, ${sayLift(finding, baseline)}. ${sayWait(finding)}.`;
  });
  return `No difference can be told from chance so far. ${said.join(" ")}`;
}

export function sayUnpriced(unpriced: UnpricedTurns[]): string {
  const shares = unpriced.map(({ variant, share }) =>
    `${percent(share)} of ${variant}’s turns have no price in turnlog.yaml`
  );
  return `Nothing can be said of what a turn costs: ${shares.join(", ")}.`;
}

function sayWait({ power: { daysLeft, worthwhileLift } }: Finding): string {
  if (daysLeft === null) return "No unit comes any more that would tell more";
  if (daysLeft === 0) return `A lift of ${percent(worthwhileLift)} would have been seen by now`;
  const days = daysLeft === 1 ? "day" : "days";
  return `A lift of ${percent(worthwhileLift)} takes about ${daysLeft} more ${days}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}

function signed(share: number): string {
  return `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;
}
