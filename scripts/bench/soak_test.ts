import assert from "node:assert/strict";
import { slopeOf } from "./soak.ts";

Deno.test("growth is the slope of the line that fits best", () => {
  const line = [0, 1, 2, 3].map((x) => ({ x, y: 5 + 2 * x }));
  assert.equal(slopeOf(line), 2);
  const noisy = line.map(({ x, y }, index) => ({ x, y: y + (index % 2 === 0 ? 1 : -1) }));
  assert(Math.abs(slopeOf(noisy) - 2) < 0.5);
  assert.equal(slopeOf(line.map(({ x }) => ({ x, y: 7 }))), 0);
});

Deno.test("no line fits a single point", () => {
  assert.throws(() => slopeOf([{ x: 1, y: 1 }]), RangeError);
});
