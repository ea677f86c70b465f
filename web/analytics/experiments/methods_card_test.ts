import assert from "node:assert/strict";
import type { Estimate } from "../../../events/contract/experiment_results.ts";
import { methodsOf } from "./methods_card.js";

const result = { pValue: 0.01, difference: { low: 0, high: 1 }, lift: { low: 0, high: 0.2 } };
const unadjusted: Estimate = {
  difference: 0.5,
  standardError: 0.1,
  lift: 0.1,
  sequential: result,
  fixed: { ...result, test: "welch" },
};

Deno.test("each method has its row, the one that is believed first", () => {
  const rows = (cuped: Parameters<typeof methodsOf>[0]["cuped"]) =>
    methodsOf({ unadjusted, cuped }).map(({ name, adjustment }) => [name, adjustment]);
  const plain = [["Sequential", null], ["Fixed horizon, Welch’s t-test", null]];
  assert.deepEqual(rows(null), plain);
  const fixed = { ...result, test: "z" as const };
  assert.deepEqual(rows({ ...unadjusted, fixed, varianceReduction: 0.257 }), [
    ["Sequential", "with CUPED, variance −26%"],
    ["Fixed horizon, z-test", "with CUPED, variance −26%"],
    ...plain,
  ]);
});
