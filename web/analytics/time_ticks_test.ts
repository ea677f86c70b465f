import assert from "node:assert/strict";
import { formatTimeTick } from "./time_ticks.js";

const local = (hour: number, minute = 0) => new Date(2026, 10, 23, hour, minute).getTime() / 1000;

Deno.test("a tick tells the time of day, and the day where one begins", () => {
  assert.equal(formatTimeTick(local(14, 30), 1800, false), "14:30");
  assert.equal(formatTimeTick(local(0), 1800, false), "Nov 23");
  assert.equal(formatTimeTick(local(14), 10, false), "14:00:00");
});

Deno.test("whole days are those of UTC, in every zone", () => {
  const tick = Date.UTC(2026, 10, 23) / 1000;
  assert.equal(formatTimeTick(tick, 86_400, true), "Nov 23");
});
