/** Processes and engines killed with SIGKILL in the middle: nothing is lost, and nothing is doubled. */
import assert from "node:assert/strict";
import { runCrashScenario } from "../scripts/load/crash_scenario.ts";
import type { ProcessName } from "../scripts/stack.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

let test: TestStack;

Deno.test.beforeAll(async () => {
  // Some of the answers are then written by the api, the others by the worker.
  test = await startTestStack({ TURNLOG_API_TURNS: "4" });
});

Deno.test.afterAll(() => test.stop());

/** Kills these while answers are being written, and requires that all is well. */
async function survive(turns: number, ...kills: { name: ProcessName; atMs: number }[]) {
  const { problems, ...counts } = await runCrashScenario({
    stack: test.stack,
    turns,
    everyMs: 200,
    model: "slow",
    tokens: 300,
    kills,
    log: () => {},
  });
  assert.deepEqual(problems, [], test.lines.slice(-40).join("\n"));
  assert.equal(counts.exactAnswers, turns);
  assert.equal(counts.ingestedEvents, counts.storedEvents);
  return counts;
}

Deno.test("a worker killed in the middle: another one goes on with every answer, word for word", async () => {
  const { interruptedAttempts } = await survive(10, { name: "worker", atMs: 3000 });
  assert(interruptedAttempts > 0, "the kill met no answer in the middle");
});

Deno.test("an api killed in the middle: readers come back and go on where they were", async () => {
  const starts = () => test.stack.processes().find(({ name }) => name === "api")!.starts;
  const before = starts();
  const { interruptedAttempts } = await survive(10, { name: "api", atMs: 3000 });
  assert.equal(starts(), before + 1);
  assert(interruptedAttempts > 0, "a worker went on with what the api had begun");
});

Deno.test("ingestion killed twice: every event is in ClickHouse once", async () => {
  await survive(10, { name: "ingest", atMs: 1500 }, { name: "ingest", atMs: 5000 });
});

Deno.test("each engine killed once: they come back with what they had, and turns go on", async () => {
  await survive(
    20,
    { name: "clickhouse", atMs: 1500 },
    { name: "kafka", atMs: 3000 },
    { name: "temporal", atMs: 9000 },
  );
});
