import assert from "node:assert/strict";
import { formatShort, formatTick, formatValue } from "./units.js";

Deno.test("values are written in full with their unit", () => {
  assert.equal(formatValue(12345, "count"), "12,345");
  assert.equal(formatValue(1234.5, "ms"), "1.2 s");
  assert.equal(formatValue(0.0123, "usd"), "$0.01");
  assert.equal(formatValue(0.0456, "ratio"), "4.6%");
  assert.equal(formatValue(42.123, "tokens/s"), "42.1/s");
  assert.equal(formatValue(1095.42, "points"), "1,095");
  assert.equal(formatValue(512, "bytes"), "512 B");
  assert.equal(formatValue(3.5 * 1024 ** 3, "bytes"), "3.5 GiB");
  assert.equal(formatValue(null, "ms"), "–");
});

Deno.test("an axis writes no more digits than it needs", () => {
  assert.equal(formatTick(500, "ms"), "500 ms");
  assert.equal(formatTick(1500, "ms"), "1.5 s");
  assert.equal(formatTick(90_000, "ms"), "90 s");
  assert.equal(formatTick(900_000, "ms"), "15 min");
  assert.equal(formatTick(3_600_000, "ms"), "1 h");
  assert.equal(formatTick(0, "ms"), "0 ms");
  assert.equal(formatTick(0.25, "usd"), "$0.25");
  assert.equal(formatTick(20, "usd"), "$20");
  assert.equal(formatTick(0.1, "ratio"), "10%");
  assert.equal(formatShort(12_345, "tokens"), "12.3K");
});
