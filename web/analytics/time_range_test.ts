import assert from "node:assert/strict";
import {
  parseRange,
  parseRefresh,
  periodBefore,
  periodOf,
  presets,
  rangeSearch,
} from "./time_range.js";

const now = Date.UTC(2026, 10, 23, 12);

Deno.test("an address that says nothing understandable shows the last day", () => {
  for (
    const search of ["", "range=2y", "from=yesterday&to=today", "from=2026-11-02&to=2026-11-01"]
  ) {
    assert.deepEqual(parseRange(new URLSearchParams(search)), { preset: "24h" }, search);
  }
});

Deno.test("a range and its refresh survive the address", () => {
  const fixed = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 2) };
  for (const range of [{ preset: "7d" } as const, fixed]) {
    const search = rangeSearch(range, 30);
    assert.deepEqual(parseRange(search), range);
    assert.equal(parseRefresh(search, range), 30);
  }
});

Deno.test("short ranges are fetched anew by themselves, long and fixed ones are not", () => {
  const none = new URLSearchParams();
  assert.equal(parseRefresh(none, { preset: "1h" }), 5);
  assert.equal(parseRefresh(none, { preset: "30d" }), 0);
  assert.equal(parseRefresh(none, { fromMs: 0, toMs: 1 }), 0);
  assert.equal(parseRefresh(new URLSearchParams("refresh=0"), { preset: "1h" }), 0);
});

Deno.test("a preset ends now, and no period has more than 120 buckets", () => {
  for (const { name, ms } of presets) {
    const { fromMs, toMs, bucketSeconds } = periodOf({ preset: name }, now);
    assert.equal(toMs, now);
    assert.equal(toMs - fromMs, ms);
    assert.ok(ms / 1000 / bucketSeconds <= 120);
    assert.ok(ms / 1000 / bucketSeconds >= 20);
  }
  const years = periodOf({ fromMs: 0, toMs: now }, now);
  assert.ok(now / 1000 / years.bucketSeconds <= 120);
});

Deno.test("the period before ends where the period begins", () => {
  const before = periodBefore({ fromMs: 5000, toMs: 8000, bucketSeconds: 1 });
  assert.deepEqual(before, { fromMs: 2000, toMs: 5000, bucketSeconds: 3 });
});
