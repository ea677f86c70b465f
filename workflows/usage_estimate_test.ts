import assert from "node:assert/strict";
import { noUsage } from "../events/contract/usage.ts";
import { completeUsage } from "./usage_estimate.ts";

const text = "An answer that broke off in the middle of a sen";
const exchange = { prompt: ["A question of some words"], text, reasoning: "", calls: "" };

Deno.test("what a provider has counted stays as it is", () => {
  const usage = { ...noUsage, inputTokens: 7, outputTokens: 3 };
  assert.deepEqual(completeUsage(usage, exchange), { usage });
});

Deno.test("what it did not count of a broken answer is estimated, and said to be", () => {
  const { usage, isUsageEstimated } = completeUsage(noUsage, exchange);
  assert.equal(isUsageEstimated, true);
  assert(usage.inputTokens >= 4 && usage.inputTokens <= 7, `${usage.inputTokens}`);
  assert(usage.outputTokens >= 9 && usage.outputTokens <= 13, `${usage.outputTokens}`);
});

Deno.test("the half that was counted is kept, and thoughts are a part of the output", () => {
  const counted = { ...noUsage, inputTokens: 2125, cachedTokens: 2000 };
  const { usage } = completeUsage(counted, { ...exchange, reasoning: "Let me see" });
  assert.equal(usage.inputTokens, 2125);
  assert.equal(usage.cachedTokens, 2000);
  assert.equal(usage.reasoningTokens, 3);
  assert(usage.outputTokens > usage.reasoningTokens);
});

Deno.test("a call that gave nothing is not known to have cost anything", () => {
  assert.deepEqual(completeUsage(noUsage, { ...exchange, text: "" }), {
    usage: noUsage,
  });
});
