import assert from "node:assert/strict";
import { hostname } from "node:os";
import { EngineSampler } from "./engine_samples.ts";

const options = { ignore: Deno.build.os !== "linux" };

Deno.test("engines that run are sampled by their names, and others are not", options, async () => {
  await using file = await processesFile([
    { name: "kafka", pid: Deno.pid },
    { name: "temporal", pid: await endedPid() },
    { name: "worker", pid: Deno.pid },
  ]);
  const sampler = new EngineSampler(file.path);
  const [first, ...others] = sampler.take();
  assert.deepEqual(others, []);
  assert.equal(first.component, "kafka");
  assert.equal(first.instance, `${hostname()}:${Deno.pid}`);
  assert.equal(first.cpuShare, undefined);
  assert.ok(first.memoryBytes! > 10_000_000);

  const untilMs = performance.now() + 300;
  while (performance.now() < untilMs);
  const [second] = sampler.take();
  assert.ok(second.cpuShare! > 0, `${second.cpuShare}`);
});

Deno.test(
  "an engine that was started again is another one, without a share at first",
  options,
  async () => {
    await using file = await processesFile([{ name: "clickhouse", pid: Deno.pid }]);
    const sampler = new EngineSampler(file.path);
    sampler.take();
    await file.write([{ name: "clickhouse", pid: Deno.ppid }]);
    const [sample] = sampler.take();
    assert.equal(sample.instance, `${hostname()}:${Deno.ppid}`);
    assert.equal(sample.cpuShare, undefined);
  },
);

interface Process {
  name: string;
  pid: number;
}

async function processesFile(processes: Process[]) {
  const path = await Deno.makeTempFile();
  const write = (processes: Process[]) => Deno.writeTextFile(path, JSON.stringify(processes));
  await write(processes);
  return { path, write, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

/** @returns The number of a process that has ended: as a rule no other has it yet. */
async function endedPid(): Promise<number> {
  const process = new Deno.Command("true").spawn();
  await process.status;
  return process.pid;
}
