import assert from "node:assert/strict";
import { layerSlots } from "../../events/contract/experiment.ts";
import { dealSlots, shareOf } from "./layer_slots.ts";

Deno.test("an experiment gets as much of the layer as it asks for, beside the others", () => {
  assert.deepEqual(dealSlots(1, [], []), [[0, layerSlots]]);
  assert.deepEqual(dealSlots(0.3, [], []), [[0, 3000]]);
  assert.deepEqual(dealSlots(0.3, [], [[0, 3000]]), [[3000, 6000]]);
});

Deno.test("gaps that others have left are filled", () => {
  assert.deepEqual(dealSlots(0.5, [], [[1000, 2000], [4000, 7000]]), [
    [0, 1000],
    [2000, 4000],
    [7000, 9000],
  ]);
});

Deno.test("with more traffic the units stay that were there, with less some of them go", () => {
  assert.deepEqual(dealSlots(0.3, [[5000, 6000]], []), [[0, 2000], [5000, 6000]]);
  assert.deepEqual(dealSlots(0.05, [[5000, 6000]], []), [[5000, 5500]]);
});

Deno.test("what others have taken meanwhile is not taken from them", () => {
  assert.deepEqual(dealSlots(0.1, [[0, 1000]], [[500, 9000]]), [[0, 500], [9000, 9500]]);
});

Deno.test("where too little is free there is less", () => {
  const slots = dealSlots(0.5, [], [[0, 8000]]);
  assert.equal(shareOf(slots), 0.2);
});
