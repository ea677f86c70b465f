import assert from "node:assert/strict";
import { readMoment } from "./moment.ts";

const now = new Date("2026-11-24T12:00:00Z");

Deno.test("a moment is a time, a day in UTC, or how long ago it was", () => {
  const cases: [string, string][] = [
    ["2026-11-23T08:00:00Z", "2026-11-23T08:00:00.000Z"],
    ["2026-11-23T08:00+02:00", "2026-11-23T06:00:00.000Z"],
    ["2026-11-23", "2026-11-23T00:00:00.000Z"],
    ["30m", "2026-11-24T11:30:00.000Z"],
    ["12h", "2026-11-24T00:00:00.000Z"],
    ["7d", "2026-11-17T12:00:00.000Z"],
    ["2w", "2026-11-10T12:00:00.000Z"],
  ];
  for (const [text, expected] of cases) {
    assert.equal(readMoment(text, now)?.toISOString(), expected, text);
  }
});

Deno.test("what could be taken in two ways is none", () => {
  for (const text of ["", "7", "d", "-1d", "1y", "tomorrow", "23.11.2026", "2026-13-01", "8:00"]) {
    assert.equal(readMoment(text, now), null, text);
  }
  // Without a zone it would be the server's own.
  assert.equal(readMoment("2026-11-23T08:00", now), null);
});
