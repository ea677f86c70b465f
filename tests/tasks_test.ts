/** The tasks of `deno task`, as a person calls them who does not know them yet. */
import assert from "node:assert/strict";

const { tasks }: { tasks: Record<string, { command: string }> } = JSON.parse(
  Deno.readTextFileSync("deno.json"),
);
/** By its task, the script that a task's last step runs: that is what gets the arguments behind the task's name. */
const scripts = Object.entries(tasks).map(([task, { command }]) => {
  const [, script] = /(scripts\/\S+\.ts)[^&]*$/.exec(command) ?? assert.fail(`${task}: ${command}`);
  return { task, script };
});

async function run(script: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", script, ...args],
  }).output();
  const [out, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, complaint };
}

Deno.test("every task says how it is used, and does nothing else", async () => {
  for (const { task, script } of scripts) {
    const { code, out } = await run(script, "--help");
    assert.equal(code, 0, task);
    assert.match(out, /^usage: deno task [a-z-]+/, task);
  }
});

Deno.test("every task refuses an argument that it does not know, and says which there are", async () => {
  for (const { task, script } of scripts) {
    const { code, complaint } = await run(script, "--no-such-flag");
    assert.equal(code, 2, task);
    assert.match(complaint, /^Unknown option '--no-such-flag'\n\nusage: deno task /, task);
  }
});

Deno.test("bench refuses to measure single views where it is to measure none", async () => {
  const { code, complaint } = await run("scripts/bench.ts", "lag", "--view", "turns");
  assert.equal(code, 2);
  assert.match(complaint, /^--view: only views measures single ones; name it as well\n/);
});
