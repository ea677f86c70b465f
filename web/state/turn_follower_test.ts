import assert from "node:assert/strict";
import { parsePosition, type StreamPart } from "../../events/contract/stream_part.ts";
import { isNext } from "./turn_follower.js";

const place = (position: string, type: StreamPart["type"]) => ({
  position: parsePosition(position),
  type,
});

Deno.test("parts follow each other within and across attempts", () => {
  assert.ok(isNext(place("0.0", "start"), null));
  assert.ok(isNext(place("1.0", "attempt-start"), place("0.0", "start")));
  assert.ok(isNext(place("1.10", "text-delta"), place("1.9", "text-delta")));
  assert.ok(isNext(place("2.0", "attempt-start"), place("1.57", "attempt-end")));
});

Deno.test("a part that comes again is not the next one", () => {
  assert.ok(!isNext(place("1.9", "text-delta"), place("1.9", "text-delta")));
  assert.ok(!isNext(place("1.2", "text-delta"), place("1.9", "text-delta")));
  assert.ok(!isNext(place("1.0", "attempt-start"), place("2.3", "text-delta")));
});

Deno.test("an attempt that is told again from its start replaces what was shown", () => {
  const start = place("2.0", "attempt-start");
  assert.ok(isNext(start, place("2.17", "text-delta")));
  assert.ok(isNext(place("2.20", "reasoning-delta"), start));
  assert.ok(isNext(place("2.20", "text-delta"), place("2.20", "reasoning-delta")));
});

Deno.test("a part without a position is believed", () => {
  assert.ok(isNext(place("", "text-delta"), place("1.1", "text-delta")));
});
