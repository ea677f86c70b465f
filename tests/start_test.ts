/** `deno task start` as a person meets it: started, started again, killed, refused, stopped. */
import assert from "node:assert/strict";
import { processIdentity } from "../scripts/process_identity.ts";
import { readTestEnvironment } from "../scripts/config.ts";
import { freePortVariables } from "../scripts/ports.ts";
import { readLines } from "../scripts/read_lines.ts";

/** A start that takes longer is broken; how long it may take is asserted where it matters. */
const startWithinMs = 60_000;

interface Start {
  process: Deno.ChildProcess;
  /** All that it has printed, on both streams. */
  lines: string[];
  /** Resolves when a line matches. Rejects when it ends without one, or is late. */
  until(pattern: RegExp): Promise<string>;
}

function start(environment: Record<string, string>, ...flags: string[]): Start {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/start.ts", ...flags],
    env: { ...readTestEnvironment(), ...environment },
    clearEnv: true,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  started.push(process);
  const lines: string[] = [];
  let changed = Promise.withResolvers<void>();
  let hasEnded = false;
  const notify = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const reading = [process.stdout, process.stderr].map(async (stream) => {
    for await (const line of readLines(stream)) {
      lines.push(line);
      notify();
    }
  });
  Promise.all(reading).then(() => {
    hasEnded = true;
    notify();
  });
  return {
    process,
    lines,
    async until(pattern) {
      const late = setTimeout(() => {
        hasEnded = true;
        notify();
      }, startWithinMs);
      try {
        for (;;) {
          const found = lines.find((line) => pattern.test(line));
          if (found !== undefined) return found;
          assert.ok(!hasEnded, `${pattern} was not printed:\n${lines.join("\n")}`);
          await changed.promise;
        }
      } finally {
        clearTimeout(late);
      }
    },
  };
}

function environmentFor(data: string): Record<string, string> {
  return { ...freePortVariables(), TURNLOG_DATA: data };
}

interface Recorded {
  name: string;
  pid: number;
  identity: string;
}

function recorded(data: string): Recorded[] {
  return JSON.parse(Deno.readTextFileSync(`${data}/run/processes.json`));
}

function stillRuns({ pid, identity }: Recorded): boolean {
  return processIdentity(pid) === identity;
}

/** Gives a test a data folder, and ends what the test left running on it. */
async function withData(test: (data: string) => Promise<void>): Promise<void> {
  const data = Deno.makeTempDirSync({ prefix: "turnlog_start_" });
  try {
    await test(data);
  } finally {
    for (const process of started.splice(0)) {
      endSoftly(process);
      await process.status;
    }
    Deno.removeSync(data, { recursive: true });
  }
}

const started: Deno.ChildProcess[] = [];

function endSoftly(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGTERM");
  } catch (error) {
    // It has ended.
    assert.ok(error instanceof TypeError);
  }
}

/** What a second start may take. On a machine that others keep busy it takes longer, so it has several tries. */
const quickMs = 10_000;
const triesMax = 4;

Deno.test("a start brings everything up, a second one is quick, and both leave nothing behind", () =>
  withData(async (data) => {
    const environment = environmentFor(data);
    await startAndStop(environment);
    const durations: number[] = [];
    do durations.push(await startAndStop(environment)); while (
      durations.at(-1)! >= quickMs && durations.length < triesMax
    );
    assert.ok(durations.at(-1)! < quickMs, `second starts took ${durations.join(", ")} ms`);
  }));

/** @returns How long it took until all was ready, in milliseconds. */
async function startAndStop(environment: Record<string, string>): Promise<number> {
  const beganAt = Date.now();
  const { process, until, lines } = start(environment);
  await until(/^Ready in /);
  const durationMs = Date.now() - beganAt;
  await until(/^ {2}Answers /);
  const url = `http://127.0.0.1:${environment.TURNLOG_PORT}`;
  assert.ok(lines.some((line) => line.includes(url)), lines.join("\n"));
  const response = await fetch(`${url}/readyz`);
  assert.equal(response.status, 200, await response.text());
  const running = recorded(environment.TURNLOG_DATA);
  assert.deepEqual(running.map(({ name }) => name).sort(), [
    ...["api", "clickhouse", "ingest", "kafka", "temporal", "worker"],
  ]);
  const stoppingAt = Date.now();
  process.kill("SIGTERM");
  assert.equal((await process.status).code, 0);
  assert.ok(Date.now() - stoppingAt < 10_000);
  assert.deepEqual(running.filter(stillRuns), []);
  return durationMs;
}

Deno.test("a start after a sudden death ends what was left, and comes up", () =>
  withData(async (data) => {
    const environment = environmentFor(data);
    const killed = start(environment);
    await killed.until(/^Ready in /);
    const left = recorded(data);
    killed.process.kill("SIGKILL");
    await killed.process.status;
    assert.ok(left.every(stillRuns), "they outlive the one who started them");

    const next = start(environment);
    await next.until(/^Ending kafka \(process \d+\), which an earlier start left behind/);
    await next.until(/^Ready in /);
    assert.deepEqual(left.filter(stillRuns), []);
    next.process.kill("SIGINT");
    assert.equal((await next.process.status).code, 0);
  }));

Deno.test("a data folder that is in use, and a port that is taken, are refused before anything starts", () =>
  withData(async (data) => {
    const environment = environmentFor(data);
    const first = start(environment);
    await first.until(/^Ready in /);

    const sameFolder = start(environmentFor(data));
    await sameFolder.until(new RegExp(`process ${first.process.pid}\\).*TURNLOG_DATA`));
    assert.equal((await sameFolder.process.status).code, 1);

    const otherData = `${data}/other`;
    const samePorts = start(environment, "--data", otherData);
    const port = environment.TURNLOG_KAFKA_PORT;
    await samePorts.until(new RegExp(`${port}.*Kafka.*TURNLOG_KAFKA_PORT.*KAFKA_BROKERS`));
    assert.equal((await samePorts.process.status).code, 1);
    assert.throws(() => recorded(otherData), Deno.errors.NotFound);
  }));

Deno.test("a stop in the middle of a start leaves nothing behind", () =>
  withData(async (data) => {
    const { process, until } = start(environmentFor(data));
    await until(/^ {2}Setup/);
    const running = recorded(data);
    process.kill("SIGINT");
    assert.equal((await process.status).code, 0);
    assert.deepEqual(running.filter(stillRuns), []);
    assert.deepEqual(recorded(data), []);
  }));
