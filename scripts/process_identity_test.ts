import assert from "node:assert/strict";
import { endProcessGroup, processIdentity, signalGroup } from "./process_identity.ts";

function spawn(command: string): Deno.ChildProcess {
  return new Deno.Command("sh", { args: ["-c", command], stdin: "null", detached: true }).spawn();
}

function groupExists(leader: number): boolean {
  try {
    Deno.kill(-leader, "SIGCONT");
    return true;
  } catch (error) {
    assert.ok(error instanceof Deno.errors.NotFound);
    return false;
  }
}

Deno.test("a process is itself as long as it runs, and nothing afterwards", async () => {
  const child = spawn("sleep 60");
  const identity = processIdentity(child.pid);
  assert.notEqual(identity, null);
  assert.equal(processIdentity(child.pid), identity);
  assert.notEqual(identity, processIdentity(Deno.pid));
  child.kill("SIGKILL");
  await child.status;
  assert.equal(processIdentity(child.pid), null);
});

Deno.test("a group is ended with those who do not listen", async () => {
  // The leader ends when asked, what it started does not.
  const child = spawn("sh -c 'trap \"\" TERM; while true; do sleep 1; done' & echo; wait");
  await endProcessGroup(child.pid);
  assert.equal((await child.status).success, false);
  const deadline = Date.now() + 5000;
  while (groupExists(child.pid)) {
    assert.ok(Date.now() < deadline, "a process of the group still runs");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});

Deno.test("to signal a group that has ended is no error", async () => {
  const child = spawn("true");
  await child.status;
  signalGroup(child.pid, "SIGTERM");
});
