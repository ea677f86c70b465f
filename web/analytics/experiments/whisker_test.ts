import assert from "node:assert/strict";
import { placeOf, scaleOf } from "./whisker.js";

function comparison(low: number, high: number) {
  const test = { pValue: 0.5, difference: { low, high }, lift: { low, high } };
  const unadjusted = {
    difference: 0,
    standardError: 1,
    lift: (low + high) / 2,
    sequential: test,
    fixed: { ...test, test: "z" as const },
  };
  return { headline: "unadjusted" as const, unadjusted, cuped: null };
}

Deno.test("the scale is a round number that holds most whiskers", () => {
  assert.equal(scaleOf([comparison(-0.01, 0.04)]), 0.05);
  assert.equal(scaleOf([comparison(-0.3, 0.1), comparison(-0.01, 0.02)]), 0.5);
  assert.equal(scaleOf([comparison(-3, 8)]), 1);
  assert.equal(scaleOf([]), 0.02);
});

Deno.test("zero is in the middle, and what is beyond the scale stands at its end", () => {
  assert.deepEqual([-2, -1, 0, 0.5, 1, 3].map((lift) => placeOf(lift, 1)), [
    0,
    0,
    50,
    75,
    100,
    100,
  ]);
});
