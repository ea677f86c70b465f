/** Turns whose first call the api makes itself: quick ones end there, and what happens in their first second is told right. */
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import assert from "node:assert/strict";
import { answerOf, type ReceivedPart, TurnClient } from "../scripts/load/turn_client.ts";
import { startTemporaryStack, type TemporaryStack } from "../scripts/load/temporary_stack.ts";
import { until } from "../scripts/load/until.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";

const models = `
providers:
  simulated: { kind: simulated }
models:
  quick: { provider: simulated, parameters: { firstTokenMs: 10, tokenMs: 2, tokens: 20 } }
  slow: { provider: simulated, parameters: { firstTokenMs: 10, tokenMs: 20, tokens: 200 } }
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

const handleOf = (workflowId: string) => new Client({ connection }).workflow.getHandle(workflowId);

Deno.test("a quick answer takes one step of its workflow, and no activity", async () => {
  const { turnId, workflowId } = await client.ask({ text: "Be quick", model: "quick" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.text, simulateAnswer("Be quick", 20).join(""));
  assert.deepEqual(await handleOf(workflowId).result(), { outcome: "completed" });
  const { events = [] } = await handleOf(workflowId).fetchHistory();
  assert.equal(events!.filter((event) => event.workflowTaskCompletedEventAttributes).length, 1);
  assert.equal(events!.some((event) => event.activityTaskScheduledEventAttributes), false);
});

Deno.test("a quick refusal fails the turn once, without a second call", async () => {
  const { turnId } = await client.ask({ text: "Refuse", model: "refusing" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.status, "failed");
  assert.deepEqual(turn.attempts.map(({ error }) => error?.class), ["refused"]);
});

Deno.test("a stop in the first second keeps what was seen, and the workflow says so", async () => {
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
});

Deno.test("an api killed in the first second of a turn: a worker goes on with every word", async () => {
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
  const shown = answerOf(parts).text;
  assert(shown.length > 0 && turn.text.startsWith(shown), "what was shown stays");
});
