import assert from "node:assert/strict";
import {
  bucketChoices,
  bucketTitle,
  parseRange,
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

Deno.test("a range survives the address", () => {
  const fixed = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 2) };
  for (const range of [{ preset: "7d" } as const, fixed]) {
    assert.deepEqual(parseRange(rangeSearch(range)), range);
  }
});

Deno.test("buckets that can be chosen are neither one nor thousands, and read as people say them", () => {
  assert.deepEqual(bucketChoices({ preset: "24h" }).map(bucketTitle), [
    ...["1 min", "5 min", "15 min", "30 min"],
    ...["1 h", "2 h", "6 h", "12 h"],
  ]);
  assert.deepEqual(bucketChoices({ preset: "90d" }).map(bucketTitle), [
    ...["2 h", "6 h", "12 h", "1 day", "1 week"],
  ]);
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
  assert.deepEqual(periodBefore({ fromMs: 5000, toMs: 8000 }), { fromMs: 2000, toMs: 5000 });
});
