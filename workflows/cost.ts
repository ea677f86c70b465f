/** What an attempt costs. */
import type { Price } from "../events/contract/turn_plan.ts";
import type { Usage } from "../events/contract/usage.ts";

const tokensPerPrice = 1_000_000;

/** @returns USD; 0 where the model has no price. */
export function costOf(usage: Usage, price: Price | undefined): number {
  if (price === undefined) return 0;
  const uncachedTokens = usage.inputTokens - usage.cachedTokens;
  const cost = uncachedTokens * price.input +
    usage.cachedTokens * (price.cachedInput ?? price.input) +
    usage.outputTokens * price.output;
  return cost / tokensPerPrice;
}
