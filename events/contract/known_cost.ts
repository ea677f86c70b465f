/** What turns are known to have cost: events state 0 for tokens at no price, which is not what they cost. */
import type { AttemptState, TurnState } from "./conversation.ts";

/** @returns USD; null where tokens were used at no price. */
export function knownAttemptCost({ costUsd, priceVersion, usage }: AttemptState): number | null {
  const isUsed = usage.inputTokens + usage.outputTokens > 0;
  return costUsd === 0 && !priceVersion && isUsed ? null : costUsd;
}

/** @returns USD; null where the cost of any attempt is not known. */
export function knownTurnCost({ attempts, costUsd }: TurnState): number | null {
  return attempts.some((attempt) => knownAttemptCost(attempt) === null) ? null : costUsd;
}
