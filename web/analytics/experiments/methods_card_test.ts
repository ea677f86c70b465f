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
  const names = (cuped: Parameters<typeof methodsOf>[0]["cuped"]) =>
    methodsOf({ unadjusted, cuped }).map(({ name }) => name);
  assert.deepEqual(names(null), ["Sequential", "Fixed horizon: Welch’s t-test"]);
  const fixed = { ...result, test: "z" as const };
  assert.deepEqual(names({ ...unadjusted, fixed, varianceReduction: 0.257 }), [
    "Sequential, CUPED (variance −26%)",
    "Fixed horizon: z-test, CUPED (variance −26%)",
    "Sequential",
    "Fixed horizon: Welch’s t-test",
  ]);
});
