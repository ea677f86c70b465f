/** Of how many turns of an experiment the cost is not known, so that a variant without prices does not pass for a cheap one. */
import type { MetricName } from "../events/contract/experiment_metrics.ts";
import type { UnpricedTurns } from "../events/contract/experiment_results.ts";

/** With more of its turns without a price, nothing is said of what a variant costs. */
const unpricedShareMax = 0.01;

/** @param rows Of the views' `unpriced_turns`, which say of each variant and of the baseline which share that is. */
export function unpricedOf(
  rows: readonly { variant: string; baseline_mean: number; variant_mean: number }[],
  baseline: string,
): UnpricedTurns[] {
  const shares = new Map(rows.flatMap((row) => [
    [baseline, row.baseline_mean] as const,
    [row.variant, row.variant_mean] as const,
  ]));
  return [...shares].flatMap(([variant, share]) =>
    share > unpricedShareMax ? [{ variant, share }] : []
  );
}

/** @returns Whether a variant can be compared by a metric, as far as prices go. */
export function pricedBy(
  unpriced: readonly UnpricedTurns[],
  baseline: string,
): (comparison: { metric: MetricName; variant: string }) => boolean {
  return ({ metric, variant }) =>
    metric !== "cost_per_turn" ||
    !unpriced.some((each) => each.variant === variant || each.variant === baseline);
}
