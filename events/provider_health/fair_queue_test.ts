import assert from "node:assert/strict";
import { FairQueue } from "./fair_queue.ts";

function takeAll(queue: FairQueue<string>): string[] {
  return Array.from({ length: queue.length }, () => queue.take()!);
}

Deno.test("each owner is served in turn, and each one's own in order", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "a3", "b1", "c1", "b2"]) queue.add(item[0], item);
  assert.equal(queue.length, 6);
  assert.deepEqual(takeAll(queue), ["a1", "b1", "c1", "a2", "b2", "a3"]);
  assert.equal(queue.take(), undefined);
});

Deno.test("one who comes later is served before the second of one who has many", () => {
  const queue = new FairQueue<string>();
  for (let index = 0; index < 50; index++) queue.add("busy", `busy ${index}`);
  queue.take();
  queue.add("late", "late");
  assert.deepEqual([queue.take(), queue.take()], ["busy 1", "late"]);
});

Deno.test("who is removed is not served, and what comes next can be looked at", () => {
  const queue = new FairQueue<string>();
  queue.add("a", "a1");
  queue.add("b", "b1");
  queue.remove("a", "a1");
  queue.remove("a", "a1");
  assert.equal(queue.length, 1);
  assert.equal(queue.peek(), "b1");
  assert.deepEqual(takeAll(queue), ["b1"]);
});
