import assert from "node:assert/strict";
import { formatAgo, formatCost, formatDuration, formatWait, plural, shorten } from "./format.js";

Deno.test("a duration changes its unit where the number would grow long", () => {
  const cases: [number, string][] = [
    [0, "0 ms"],
    [320.4, "320 ms"],
    [999.6, "1.0 s"],
    [3449, "3.4 s"],
    [59_949, "59.9 s"],
    [59_960, "1 min 0 s"],
    [72_000, "1 min 12 s"],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

Deno.test("a cost keeps two significant digits below a cent", () => {
  const cases: [number, string][] = [
    [0, "$0"],
    [12.345, "$12.35"],
    [0.01, "$0.01"],
    [0.00123, "$0.0012"],
    [0.0000456, "$0.000046"],
  ];
  for (const [usd, text] of cases) assert.equal(formatCost(usd), text);
});

Deno.test("a wait is told in whole seconds that never fall below zero", () => {
  assert.equal(formatWait(-5), "0 s");
  assert.equal(formatWait(39_001), "40 s");
  assert.equal(formatWait(180_000), "3 min");
});

Deno.test("what was long ago is told roughly", () => {
  const texts = [-500, 40_000, 180_000, 7_200_000, 259_200_000].map(formatAgo);
  assert.deepEqual(texts, ["now", "40 s ago", "3 min ago", "2 h ago", "3 days ago"]);
});

Deno.test("one thing is not many", () => {
  assert.equal(plural(1, "token"), "1 token");
  assert.equal(plural(1200, "token"), "1,200 tokens");
  assert.equal(plural(2, "reply", "replies"), "2 replies");
});

Deno.test("a text that is too long is cut between characters, and says so", () => {
  assert.equal(shorten("short", 5), "short");
  assert.equal(shorten("a longer text", 9), "a longer…");
  assert.equal(shorten("😀😀😀", 2), "😀…");
});
