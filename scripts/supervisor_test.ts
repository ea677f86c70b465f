import assert from "node:assert/strict";
import { processIdentity } from "./process_identity.ts";
import { type ProcessDefinition, ProcessFailedError } from "./supervised_process.ts";
import { until } from "./load/until.ts";
import { Supervisor } from "./supervisor.ts";

interface Line {
  name: string;
  line: string;
}

function supervise({ stopWithinMs }: { stopWithinMs?: number } = {}) {
  const lines: Line[] = [];
  const changes: string[][] = [];
  const supervisor = new Supervisor({
    onLine: (name, line) => lines.push({ name, line }),
    onChange: (running) => changes.push(running.map(({ name }) => name)),
  }, { stopWithinMs });
  return { supervisor, lines, changes };
}

/** Ready at once, unless the test says otherwise. */
function shell(name: string, command: string, rest: Partial<ProcessDefinition> = {}) {
  return {
    name,
    command: "sh",
    args: ["-c", command],
    environment: { PATH: "/usr/bin:/bin" },
    checkReadiness: () => Promise.resolve("ok"),
    readyWithinMs: 10_000,
    ...rest,
  };
}

/** How long a condition may take to come true. */
const withinMs = 10_000;

const endless = "while true; do sleep 0.1; done";

Deno.test("a killed process is started again at once", async () => {
  const { supervisor, lines } = supervise();
  await supervisor.start(shell("one", endless));
  const first = supervisor.process("one").pid;
  const killedAt = Date.now();
  await supervisor.process("one").kill("SIGKILL");
  await supervisor.process("one").untilReady();
  assert.ok(Date.now() - killedAt < 400);
  assert.notEqual(supervisor.process("one").pid, first);
  assert.equal(supervisor.process("one").starts, 2);
  assert.deepEqual(lines, [{ name: "one", line: "(ended by SIGKILL; starting again)" }]);
  await supervisor.stop([]);
});

Deno.test("a process that ends again and again is started later each time", async () => {
  const { supervisor } = supervise();
  await supervisor.start(shell("one", endless));
  await supervisor.process("one").kill("SIGKILL");
  await supervisor.process("one").untilReady();
  const killedAt = Date.now();
  await supervisor.process("one").kill("SIGKILL");
  await supervisor.process("one").untilReady();
  assert.ok(Date.now() - killedAt >= 500);
  await supervisor.stop([]);
});

Deno.test("a process that is killed again and again after it was sound is started again at once", async () => {
  const { supervisor, lines } = supervise();
  await supervisor.start(shell("one", endless));
  for (let kills = 0; kills < 2; kills++) {
    await supervisor.process("one").untilReady();
    const readyAt = performance.now();
    await until("it is sound", withinMs, () => Promise.resolve(performance.now() - readyAt > 2100));
    await supervisor.process("one").kill("SIGKILL");
  }
  await supervisor.process("one").untilReady();
  const line = "(ended by SIGKILL; starting again)";
  assert.deepEqual(lines, [{ name: "one", line }, { name: "one", line }]);
  await supervisor.stop([]);
});

Deno.test("a process that never gets ready is given up, with what it printed last", async () => {
  const { supervisor } = supervise();
  const failing = shell("one", "echo out; echo the disk is full >&2; exit 3", {
    checkReadiness: () => Promise.resolve("not yet"),
  });
  await assert.rejects(() => supervisor.start(failing), (error: Error) => {
    assert.ok(error instanceof ProcessFailedError);
    assert.match(error.message, /one.*5 times within a minute[\s\S]*the disk is full/);
    return true;
  });
  assert.equal(supervisor.process("one").starts, 5);
  await assert.rejects(() => supervisor.failure, ProcessFailedError);
  await supervisor.stop([]);
});

Deno.test("a restart that was asked for costs no wait, however many there were", async () => {
  const { supervisor, lines } = supervise();
  await supervisor.start(shell("one", endless));
  const beganAt = Date.now();
  for (let restarts = 0; restarts < 3; restarts++) {
    await supervisor.process("one").restart();
    await supervisor.process("one").untilReady();
  }
  assert.ok(Date.now() - beganAt < 2000);
  assert.equal(supervisor.process("one").starts, 4);
  assert.deepEqual(lines, []);
  await supervisor.stop([]);
});

Deno.test("a process that someone works on is not given up, and starts at once when it is mended", async () => {
  const { supervisor } = supervise();
  const folder = Deno.makeTempDirSync();
  const source = `${folder}/source.sh`;
  Deno.writeTextFileSync(source, endless);
  const definition = shell("one", "", {
    args: [source],
    keepsTrying: true,
    checkReadiness: () =>
      Promise.resolve(Deno.readTextFileSync(source) === endless ? "ok" : "broken"),
  });
  await supervisor.start(definition);
  Deno.writeTextFileSync(source, "exit 1");
  await supervisor.process("one").restart();
  await until(
    "as many tries as others are given",
    withinMs,
    () => Promise.resolve(supervisor.process("one").starts > 5),
  );
  Deno.writeTextFileSync(source, endless);
  const mendedAt = Date.now();
  await supervisor.process("one").restart();
  await supervisor.process("one").untilReady();
  assert.ok(Date.now() - mendedAt < 1000);
  await supervisor.stop([]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a process that hangs at its start is given up with what it waits for", async () => {
  const { supervisor } = supervise();
  const hanging = shell("one", endless, {
    checkReadiness: () => Promise.resolve("no answer from the broker"),
    readyWithinMs: 200,
  });
  await assert.rejects(() => supervisor.start(hanging), /0\.2 s \(no answer from the broker\)/);
  await supervisor.stop([]);
  assert.equal(supervisor.process("one").pid, undefined);
});

Deno.test("a command that is not there is told at once", async () => {
  const { supervisor } = supervise();
  await assert.rejects(
    () => supervisor.start({ ...shell("one", ""), command: "no-such-command" }),
    /Cannot run one: it could not be run.*no-such-command/,
  );
  await supervisor.stop([]);
});

Deno.test("processes stop one after the other, in the given order", async () => {
  const { supervisor, lines } = supervise();
  for (const name of ["last", "first", "middle"]) {
    await supervisor.start(
      shell(name, `trap 'sleep 0.2; echo stopped; exit 0' TERM; echo up; ${endless}`),
    );
  }
  await until("all traps set", withinMs, () => Promise.resolve(lines.length === 3));
  await supervisor.stop(["first", "middle", "last"]);
  assert.deepEqual(lines.slice(3).map(({ name }) => name), ["first", "middle", "last"]);
});

Deno.test("a process that does not end in time is killed, and the others still end in their own way", async () => {
  const { supervisor, lines } = supervise({ stopWithinMs: 1500 });
  await supervisor.start(shell("deaf", `trap '' TERM; echo up; ${endless}`));
  await supervisor.start(
    shell("good", `trap 'echo ended well; exit 0' TERM; echo up; ${endless}`),
  );
  await until("both traps set", withinMs, () => Promise.resolve(lines.length === 2));
  const deaf = supervisor.process("deaf").pid!;
  const beganAt = Date.now();
  await supervisor.stop(["deaf", "good"]);
  assert.ok(Date.now() - beganAt < 2500);
  assert.ok(lines.some(({ name, line }) => name === "good" && line === "ended well"));
  assert.equal(processIdentity(deaf), null);
});

Deno.test("what a process started ends with it", async () => {
  const { supervisor, lines } = supervise();
  await supervisor.start(shell("one", "sleep 60 & echo $!; wait"));
  await until("the child's number", withinMs, () => Promise.resolve(lines.length === 1));
  const child = Number(lines[0].line);
  assert.notEqual(processIdentity(child), null);
  await supervisor.process("one").kill("SIGKILL");
  // Nobody waits for a grandchild: it has been killed, and is gone when the system has come to it.
  await until("the child's end", withinMs, () => Promise.resolve(processIdentity(child) === null));
  await supervisor.stop([]);
});

Deno.test("whoever records the processes is told of each change", async () => {
  const { supervisor, changes } = supervise();
  await supervisor.start(shell("one", endless));
  await supervisor.run("task", { command: "true", args: [], environment: {} });
  await supervisor.stop([]);
  assert.deepEqual(changes, [["one"], ["one", "task"], ["one"], []]);
});

Deno.test("a task that fails is an error, and a stop ends one that runs", async () => {
  const { supervisor } = supervise();
  const environment = { PATH: "/usr/bin:/bin" };
  await assert.rejects(
    () => supervisor.run("setup", { command: "sh", args: ["-c", "exit 4"], environment }),
    /Cannot go on: setup failed/,
  );
  const running = supervisor.run("setup", { command: "sleep", args: ["60"], environment });
  await Promise.all([supervisor.stop([]), assert.rejects(running)]);
});
