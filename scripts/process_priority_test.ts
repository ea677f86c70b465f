import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { yieldProcessors } from "./process_priority.ts";

Deno.test("a process lets others go first", async () => {
  // A session of its own, as a supervised process has: the one of these tests must stay as it is.
  const child = new Deno.Command("sleep", { args: ["60"], detached: true }).spawn();
  try {
    const before = getPriority(child.pid);
    yieldProcessors(child.pid);
    assert.equal(getPriority(child.pid), Math.max(before, 5));
    const session = await readSession(child.pid);
    if (session !== null) assert.match(session, / nice 5$/m);
  } finally {
    child.kill();
    await child.status;
  }
});

/** What Linux says of the session's share; null where it has no such thing. */
async function readSession(pid: number): Promise<string | null> {
  try {
    return await Deno.readTextFile(`/proc/${pid}/autogroup`);
  } catch {
    return null;
  }
}

Deno.test("one that has ended is no error", async () => {
  const child = new Deno.Command("true").spawn();
  await child.status;
  yieldProcessors(child.pid);
});
