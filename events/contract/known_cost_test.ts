import assert from "node:assert/strict";
import type { AttemptState, TurnState } from "./conversation.ts";
import { knownAttemptCost, knownTurnCost } from "./known_cost.ts";
import { noUsage } from "./usage.ts";

const used = { ...noUsage, inputTokens: 3, outputTokens: 2 };

function attempt(cost: Pick<AttemptState, "costUsd" | "priceVersion">, usage = used) {
  return { ...cost, usage } as AttemptState;
}

const paid = attempt({ costUsd: 0.5, priceVersion: "unstated" });
const free = attempt({ costUsd: 0, priceVersion: "unstated" });
const unused = attempt({ costUsd: 0, priceVersion: null }, noUsage);
const unpriced = attempt({ costUsd: 0, priceVersion: null });

Deno.test("what an attempt cost is not known where tokens were used at no price", () => {
  assert.deepEqual([paid, free, unused, unpriced].map(knownAttemptCost), [0.5, 0, 0, null]);
});

Deno.test("what a turn cost is not known where that of any attempt is not", () => {
  const costOf = (...attempts: AttemptState[]) =>
    knownTurnCost({ attempts, costUsd: 0.5 } as TurnState);
  assert.deepEqual([costOf(paid, free, unused), costOf(paid, unpriced)], [0.5, null]);
});
