import assert from "node:assert/strict";
import type { MetricName } from "../events/contract/experiment_metrics.ts";
import type { Estimate } from "../events/contract/experiment_results.ts";
import type { UnjudgedComparison } from "./experiment_comparisons.ts";
import { type Findings, holm, judgeExperiment } from "./experiment_verdict.ts";

const enough = { units: 1000, count: 4000, value: 0.5 };

/** A comparison whose sequential test has found this. */
function comparison(
  metric: MetricName,
  variant: string,
  { lift, pValue, units = 1000, daysLeft = 3 }: {
    lift: number;
    pValue: number | null;
    units?: number;
    daysLeft?: number | null;
  },
): UnjudgedComparison {
  const test = {
    pValue,
    difference: { low: lift / 4, high: lift },
    lift: { low: lift - 0.02, high: lift + 0.02 },
  };
  const unadjusted: Estimate = {
    difference: lift / 2,
    standardError: 0.01,
    lift,
    sequential: test,
    fixed: { ...test, test: "z" },
  };
  return {
    metric,
    variant,
    baseline: enough,
    mean: { ...enough, units },
    headline: "unadjusted",
    unadjusted,
    cuped: null,
    power: { detectableLift: 0.04, worthwhileLift: 0.05, daysLeft },
  };
}

function findings(comparisons: UnjudgedComparison[], more: Partial<Findings> = {}): Findings {
  return {
    experiment: "tone",
    phase: 1,
    unit: "user",
    baseline: "control",
    from: "2026-11-01T00:00:00.000Z",
    to: "2026-11-20T00:00:00.000Z",
    goal: "thumbs_up_rate",
    guardrails: ["cost_per_turn"],
    variants: ["control", "brief"].map((variant) => ({
      variant,
      units: 1000,
      share: 0.5,
      expectedShare: 0.5,
      recentUnits: 100,
    })),
    mixedUnits: 0,
    splitPValue: 0.4,
    imbalances: [],
    unpriced: [],
    exposedAt: "2026-11-01T10:00:00.000Z",
    comparisons,
    ...more,
  };
}

const better = comparison("thumbs_up_rate", "brief", { lift: 0.1, pValue: 0.001 });

Deno.test("a variant is better where the goal is, and no guardrail is worse", () => {
  const harmless = comparison("cost_per_turn", "brief", { lift: 0.3, pValue: 0.2 });
  const { verdict, metrics } = judgeExperiment(findings([harmless, better]));
  assert.deepEqual(verdict, {
    outcome: "better",
    variant: "brief",
    sentence: "brief is better: “Thumbs up” is +10% against control, and between +8% and +12% " +
      "as far as is known. No guardrail is shown to be worse.",
  });
  assert.deepEqual(
    metrics.slice(0, 3).map(({ metric, role }) => [metric, role]),
    [["thumbs_up_rate", "goal"], ["cost_per_turn", "guardrail"], ["thumbs_down_rate", "other"]],
  );
});

Deno.test("of a variant that is better it is said which guardrails cannot be judged", () => {
  const sentenceOf = (guardrails: MetricName[], comparisons: UnjudgedComparison[]) =>
    judgeExperiment(findings([better, ...comparisons], { guardrails })).verdict.sentence;
  const few = comparison("cost_per_turn", "brief", { lift: 0.3, pValue: 0.2, units: 99 });
  assert.match(
    sentenceOf(["cost_per_turn", "retention"], [few]),
    /known\. No guardrail is shown to be worse, but “Cost per turn” and “Came back” cannot be judged yet\.$/,
  );
  assert.match(sentenceOf([], []), /as far as is known\. It has no guardrails\.$/);
});

Deno.test("a split that chance never makes is told without its digits", () => {
  const sentenceOf = (splitPValue: number) =>
    judgeExperiment(findings([better], { splitPValue })).verdict.sentence;
  for (const pValue of [0, 1e-36]) {
    assert.match(sentenceOf(pValue), /which chance alone does less than once in a million exp/);
  }
  assert.match(sentenceOf(0.0004), /which chance alone does once in 2,500 experiments/);
});

Deno.test("of a baseline of 0 no lift is told, nor that nobody comes any more", () => {
  const fromZero = (pValue: number) => {
    const { unadjusted, power, ...rest } = comparison("thumbs_up_rate", "brief", {
      lift: 0.1,
      pValue,
      daysLeft: null,
    });
    return { ...rest, unadjusted: { ...unadjusted, lift: null }, power };
  };
  assert.equal(
    judgeExperiment(findings([fromZero(0.3)])).verdict.sentence,
    "No difference can be told from chance so far. " +
      "With brief, no lift of “Thumbs up” can be told from a baseline of 0.",
  );
  assert.match(
    judgeExperiment(findings([fromZero(0.001)])).verdict.sentence,
    /^brief is better: “Thumbs up” is above that of control, which is 0\./,
  );
});

Deno.test("a guardrail that is worse outweighs a goal that is better", () => {
  const harm = comparison("cost_per_turn", "brief", { lift: 0.3, pValue: 0.01 });
  const { verdict } = judgeExperiment(findings([better, harm]));
  assert.equal(verdict.outcome, "harmful");
  assert.match(
    verdict.sentence,
    /^brief does harm to a guardrail: “Cost per turn” is \+30% against control/,
  );
});

Deno.test("a lift that chance may have made is no verdict, and it is said how long to wait", () => {
  const unclear = comparison("thumbs_up_rate", "brief", { lift: -0.02, pValue: 0.3 });
  assert.deepEqual(judgeExperiment(findings([unclear])).verdict, {
    outcome: "unclear",
    variant: null,
    sentence:
      "No difference can be told from chance so far. With brief, “Thumbs up” is −2% against " +
      "control, and between −4% and +0% as far as is known. A lift of 5% takes about 3 more days.",
  });
});

Deno.test("a goal that is worse is said to be", () => {
  const worse = comparison("thumbs_up_rate", "brief", { lift: -0.1, pValue: 0.01 });
  assert.equal(judgeExperiment(findings([worse])).verdict.outcome, "worse");
});

Deno.test("of several variants, each has to stand its p-value times their number", () => {
  const pair = ["brief", "long"].map((variant) =>
    comparison("thumbs_up_rate", variant, { lift: 0.1, pValue: 0.03 })
  );
  const { verdict, metrics } = judgeExperiment(findings(pair));
  assert.equal(verdict.outcome, "unclear");
  assert.deepEqual(metrics[0].comparisons.map(({ adjustedPValue }) => adjustedPValue), [
    0.06,
    0.06,
  ]);
  assert.deepEqual(holm([0.04, null, 0.01, 0.03]), [0.06, null, 0.03, 0.06]);
});

Deno.test("nothing is said of a hundred units that are not there yet", () => {
  const few = comparison("thumbs_up_rate", "brief", { lift: 3, pValue: 0.0001, units: 99 });
  const [control, brief] = findings([]).variants;
  const { verdict, metrics, health } = judgeExperiment(
    findings([few], {
      variants: [control, { ...brief, units: 99 }],
      to: "2026-11-03T10:00:00.000Z",
    }),
  );
  assert.equal(metrics[0].comparisons[0].judgement, "too-little-data");
  assert.equal(verdict.outcome, "too-little-data");
  assert.deepEqual(health.tooLittle, [
    "brief has 99 of the 100 units that it takes at least",
    "2.0 of 7 days, a whole week, have passed",
  ]);
});

Deno.test("differences from before the exposure are told of the goal and the guardrails", () => {
  const { health } = judgeExperiment(findings([better], {
    imbalances: [
      { metric: "thumbs_up_rate", variant: "brief", pValue: 0.0002 },
      { metric: "cost_per_turn", variant: "brief", pValue: 0.01 },
      { metric: "retention", variant: "brief", pValue: 0.0002 },
    ],
  }));
  assert.deepEqual(health.imbalances, [
    { metric: "thumbs_up_rate", variant: "brief", pValue: 0.0002 },
  ]);
});

Deno.test("a variant whose turns have no price is judged by no cost", () => {
  const cheap = comparison("cost_per_turn", "brief", { lift: -1, pValue: 0.0001 });
  const unpriced = [{ variant: "brief", share: 0.4 }];
  const asGuardrail = judgeExperiment(findings([better, cheap], { unpriced }));
  assert.deepEqual(asGuardrail.health.unpriced, unpriced);
  const [{ judgement, adjustedPValue }] = asGuardrail.metrics[1].comparisons;
  assert.deepEqual([judgement, adjustedPValue], ["no-price", null]);
  assert.match(asGuardrail.verdict.sentence, /but “Cost per turn” cannot be judged yet\.$/);
  const asGoal = judgeExperiment(
    findings([better, cheap], { unpriced, goal: "cost_per_turn", guardrails: [] }),
  );
  assert.deepEqual(asGoal.verdict, {
    outcome: "unclear",
    variant: null,
    sentence:
      "Nothing can be said of what a turn costs: 40% of brief’s turns have no price in turnlog.yaml.",
  });
  const asOther = judgeExperiment(findings([better, cheap], { unpriced, guardrails: [] }));
  assert.deepEqual(asOther.health.unpriced, []);
});
