import assert from "node:assert/strict";
import { type ComparisonRow, comparisonsOf, paceOfUnits } from "./experiment_comparisons.ts";

const variants = ["control", "brief", "long"].map((variant) => ({
  variant,
  units: 200,
  share: 1 / 3,
  expectedShare: 1 / 3,
  recentUnits: 200,
}));

/** 400 of the 1,000 units that it takes are there. */
const row: ComparisonRow = {
  segment: "",
  metric: "thumbs_up_rate",
  at: "2026-11-24",
  variant: "brief",
  estimator: "unadjusted",
  baseline_units: 200,
  baseline_denominator: 200,
  baseline_mean: 0.5,
  variant_units: 200,
  variant_denominator: 200,
  variant_mean: 0.5,
  difference: 0,
  standard_error: 0.05,
  lift: 0,
  sequential_p_value: 1,
  sequential_low: -0.2,
  sequential_high: 0.2,
  sequential_lift_low: -0.4,
  sequential_lift_high: 0.4,
  fixed_test: "z",
  fixed_p_value: 1,
  fixed_low: -0.1,
  fixed_high: 0.1,
  fixed_lift_low: -0.2,
  fixed_lift_high: 0.2,
  detectable_lift: 0.4,
  needed_units: 1000,
};

/** How long it takes at a time when that many days have gone by since the first unit came. */
function daysLeftAfter(days: number): number | null {
  const to = new Date("2026-11-24T08:00:00.000Z");
  const exposedAt = new Date(to.getTime() - days * 86_400_000).toISOString();
  const unitsPerDay = paceOfUnits(variants, exposedAt, to);
  return comparisonsOf([row], { baseline: "control", unitsPerDay })[0].power.daysLeft;
}

Deno.test("how long it still takes follows from the days in which the units have come", () => {
  // 400 units of the two variants in two days: 600 more take three.
  assert.equal(daysLeftAfter(2), 3);
  assert.equal(daysLeftAfter(7), 11);
  // Of a longer time only the last seven days count.
  assert.equal(daysLeftAfter(30), 11);
});

Deno.test("no end is foretold where no unit comes any more", () => {
  const gone = { baseline: "control", unitsPerDay: new Map<string, number>() };
  assert.equal(comparisonsOf([row], gone)[0].power.daysLeft, null);
  assert.equal(paceOfUnits(variants, null, new Date()).size, 0);
});
