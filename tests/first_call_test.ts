/** Turns whose first call the api makes itself: quick ones end there, and what happens while they are answered is told right. */
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import assert from "node:assert/strict";
import { answerOf, type ReceivedPart, TurnClient } from "../scripts/load/turn_client.ts";
import { startTemporaryStack, type TemporaryStack } from "../scripts/load/temporary_stack.ts";
import { until } from "../scripts/load/until.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";

/** The one takes four seconds, the other twelve. */
const tokensOf: Record<string, number> = { slow: 200, long: 300 };
const models = `
providers:
  simulated: { kind: simulated }
models:
  quick: { provider: simulated, parameters: { firstTokenMs: 10, tokenMs: 2, tokens: 20 } }
  slow: { provider: simulated, parameters: { firstTokenMs: 10, tokenMs: 20, tokens: ${tokensOf.slow} }, price: { input: 1, output: 2 } }
  long: { provider: simulated, parameters: { firstTokenMs: 10, tokenMs: 40, tokens: ${tokensOf.long} } }
  refusing: { provider: simulated, parameters: { failure: refused } }
routes:
  default: { candidates: [quick] }
`;

let temporary: TemporaryStack;
let client: TurnClient;
let connection: NativeConnection;

Deno.test.beforeAll(async () => {
  temporary = await startTemporaryStack({ models });
  client = await TurnClient.connect(temporary.stack.url);
  connection = await NativeConnection.connect({ address: temporary.stack.addresses.temporal });
});

Deno.test.afterAll(async () => {
  await connection.close();
  await temporary.stop();
});

/** @returns How many calls of providers the api has open. */
async function openStreams(): Promise<number> {
  const metrics = await (await client.request("GET", "/metrics")).text();
  return Number(/^turnlog_open_streams (\d+)$/m.exec(metrics)?.[1]);
}

const handleOf = (workflowId: string) => new Client({ connection }).workflow.getHandle(workflowId);

/** @returns How many steps of its workflow a turn took, and how many activities. */
async function costOf(workflowId: string): Promise<{ steps: number; activities: number }> {
  const { events } = await handleOf(workflowId).fetchHistory();
  return {
    steps: events!.filter((event) => event.workflowTaskCompletedEventAttributes).length,
    activities: events!.filter((event) => event.activityTaskScheduledEventAttributes).length,
  };
}

Deno.test("a quick answer takes one step of its workflow, and no activity", async () => {
  const { turnId, workflowId } = await client.ask({ text: "Be quick", model: "quick" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.text, simulateAnswer("Be quick", 20).join(""));
  assert.deepEqual(await handleOf(workflowId).result(), { outcome: "completed" });
  assert.deepEqual(await costOf(workflowId), { steps: 1, activities: 0 });
});

Deno.test("an answer of some seconds keeps its step, and one that takes long becomes an activity", async () => {
  const [slow, long] = await Promise.all(["slow", "long"].map(async (model) => {
    const { turnId, workflowId } = await client.ask({ text: "Take your time", model });
    const { status, text } = await client.untilEnded(turnId);
    assert.equal(status, "completed");
    assert.equal(text, simulateAnswer("Take your time", tokensOf[model]).join(""));
    assert.deepEqual(await handleOf(workflowId).result(), { outcome: "completed" });
    return await costOf(workflowId);
  }));
  assert.equal(slow.activities, 0);
  assert(slow.steps > 1, "Temporal has renewed it");
  assert.equal(long.activities, 1);
});

Deno.test("a quick refusal fails the turn once, without a second call", async () => {
  const { turnId } = await client.ask({ text: "Refuse", model: "refusing" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.status, "failed");
  assert.deepEqual(turn.attempts.map(({ error }) => error?.class), ["refused"]);
});

Deno.test("a stop in the first seconds keeps what was seen, and the workflow says so", async () => {
  const { turnId, workflowId } = await client.ask({ text: "Stop soon", model: "slow" });
  const parts: ReceivedPart[] = [];
  for await (const part of client.parts(turnId)) {
    parts.push(part);
    if (parts.length === 5) await client.stop(turnId, 10);
  }
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.status, "stopped");
  assert.equal(turn.text, simulateAnswer("Stop soon", 200).join("").slice(0, 10));
  assert.deepEqual(await handleOf(workflowId).result(), { outcome: "stopped" });
  assert.equal(turn.attempts.length, 1);
  assert(turn.costUsd! > 0, "what was written is paid for");
});

Deno.test("a run that is cancelled in Temporal ends its call, and nothing comes after its end", async () => {
  const { turnId, workflowId } = await client.ask({ text: "Be cancelled", model: "slow" });
  const parts: ReceivedPart[] = [];
  for await (const part of client.parts(turnId)) {
    parts.push(part);
    if (parts.length === 5) await handleOf(workflowId).cancel();
  }
  const turn = await client.untilEnded(turnId);
  assert.deepEqual(parts.slice(-2).map(({ part }) => part.type), ["attempt-end", "end"]);
  assert.equal(turn.status, "stopped");
  assert.equal(answerOf(parts).text, turn.text);
  assert(turn.text.length < simulateAnswer("Be cancelled", tokensOf.slow).join("").length);
  assert(turn.costUsd! > 0, "what was written is paid for");
});

Deno.test("an api that is asked to end hands its answer on at once", async () => {
  const { turnId, workflowId } = await client.ask({ text: "Hand it on", model: "slow" });
  await until("it is shown", 10_000, async () => (await client.turn(turnId)).attempts.length > 0);
  const { pid } = temporary.stack.processes().find(({ name }) => name === "api")!;
  Deno.kill(pid!, "SIGTERM");
  const { text, attempts } = await until("it has ended", 30_000, async () => {
    const turn = await client.turn(turnId);
    return turn.status === "completed" && turn;
  });
  assert.equal(text, simulateAnswer("Hand it on", tokensOf.slow).join(""));
  assert.deepEqual(attempts.map(({ error }) => error?.class), ["interrupted", undefined]);
  await handleOf(workflowId).result();
  const { events } = await handleOf(workflowId).fetchHistory();
  assert(!events!.some((event) => event.workflowTaskTimedOutEventAttributes), "nobody was missed");
});

Deno.test("an api that stood still lets go of the call that a worker has followed", async () => {
  const { turnId } = await client.ask({ text: "Be followed", model: "long" });
  await until("it is shown", 10_000, async () => (await client.turn(turnId)).attempts.length > 0);
  assert.equal(await openStreams(), 1);
  const { pid } = temporary.stack.processes().find(({ name }) => name === "api")!;
  Deno.kill(pid!, "SIGSTOP");
  try {
    const store = openSqliteStore(`${temporary.stack.settings.TURNLOG_DATA}/turnlog.db`);
    const isFollowed = async () => (await store.turn(turnId))!.attempts.length === 2;
    await until("a worker has followed it", 20_000, isFollowed).finally(() => store.close());
  } finally {
    Deno.kill(pid!, "SIGCONT");
  }
  const isOver = async () => await openStreams() === 0;
  await until("the call has ended, long before its answer", 3000, isOver);
  const { text, attempts } = await client.untilEnded(turnId);
  assert.equal(text, simulateAnswer("Be followed", tokensOf.long).join(""));
  assert.deepEqual(attempts.map(({ error }) => error?.class), ["interrupted", undefined]);
});

Deno.test("an api killed in the first seconds of a turn: a worker goes on with every word", async () => {
  const { turnId } = await client.ask({ text: "Outlive it", model: "slow" });
  const parts: ReceivedPart[] = [];
  try {
    for await (const part of client.parts(turnId)) {
      parts.push(part);
      if (parts.length === 5) await temporary.stack.kill("api");
    }
  } catch {
    // The reader's connection ended with the api.
  }
  await temporary.stack.untilReady("api");
  const turn = await until("it has ended", 30_000, async () => {
    const turn = await client.turn(turnId);
    return turn.status === "completed" && turn;
  });
  assert.equal(turn.text, simulateAnswer("Outlive it", 200).join(""));
  assert.deepEqual(turn.attempts.map(({ error }) => error?.class), ["interrupted", undefined]);
  assert.equal(turn.attempts[1].reason?.class, "interrupted");
  const shown = answerOf(parts).text;
  assert(shown.length > 0 && turn.text.startsWith(shown), "what was shown stays");
});
