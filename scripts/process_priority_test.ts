import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { yieldProcessors } from "./process_priority.ts";

Deno.test("a process lets others go first", async () => {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  try {
    const before = getPriority(child.pid);
    yieldProcessors(child.pid);
    assert.equal(getPriority(child.pid), Math.max(before, 5));
  } finally {
    child.kill();
    await child.status;
  }
});

Deno.test("one that has ended is no error", async () => {
  const child = new Deno.Command("true").spawn();
  await child.status;
  yieldProcessors(child.pid);
});
