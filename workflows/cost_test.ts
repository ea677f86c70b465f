import assert from "node:assert/strict";
import { costOf } from "./cost.ts";

const usage = {
  inputTokens: 1_000_000,
  outputTokens: 500_000,
  cachedTokens: 400_000,
  reasoningTokens: 0,
};

Deno.test("input, cached input and output have prices of their own", () => {
  assert.equal(costOf(usage, { input: 2, cachedInput: 0.5, output: 8 }), 0.6 * 2 + 0.4 * 0.5 + 4);
});

Deno.test("cached input costs what input costs, unless it has a price", () => {
  assert.equal(costOf(usage, { input: 2, output: 8 }), 2 + 4);
});

Deno.test("a model without a price costs nothing", () => {
  assert.equal(costOf(usage, undefined), 0);
});
