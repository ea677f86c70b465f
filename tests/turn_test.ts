/** The path of a turn through real engines: asked, answered, streamed, failed over, stopped, and queried. */
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import assert from "node:assert/strict";
import type { TurnState } from "../events/contract/conversation.ts";
import { taskQueue, turnWorkflowId, turnWorkflowType } from "../events/contract/names.ts";
import { formatPosition } from "../events/contract/stream_part.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";
import { answerOf } from "../scripts/load/turn_client.ts";
import { until } from "../scripts/load/until.ts";

let test: TestStack;

Deno.test.beforeAll(async () => {
  test = await startTestStack();
});

Deno.test.afterAll(() => test.stop());

function simulated(text: string, tokens?: number): string {
  return simulateAnswer(text, tokens).join("");
}

function readStore<Result>(
  read: (store: ReturnType<typeof openSqliteStore>) => Promise<Result>,
): Promise<Result> {
  const store = openSqliteStore(`${test.stack.settings.TURNLOG_DATA}/turnlog.db`);
  return read(store).finally(() => store.close());
}

Deno.test("a message is answered, streamed word by word, and told to ClickHouse event by event", async () => {
  const { client } = test;
  const text = "How do retries work?";
  const { turnId } = await client.ask({ text, model: "demo" });
  const parts = await client.read(turnId);
  assert.equal(answerOf(parts).text, simulated(text));
  assert(parts.length > 20, "it came in pieces");

  const sequences = parts.slice(1).map(({ position }) => position.sequence);
  assert.deepEqual(sequences, sequences.map((_, index) => index), "numbered without gaps");

  const turn = await client.turn(turnId);
  assert.equal(turn.status, "completed");
  assert.equal(turn.text, simulated(text));
  assert.equal(turn.usage.outputTokens, simulateAnswer(text).length);
  assert.equal(turn.costUsd, (turn.usage.inputTokens + 2 * turn.usage.outputTokens) / 1e6);

  const rows = await until("its events are in ClickHouse", 10_000, async () => {
    const rows = await test.query<{ event_type: string; output_tokens: number | null }>(
      `SELECT event_type, output_tokens FROM events FINAL WHERE turn_id = '${turnId}' ORDER BY event_time, event_type`,
    );
    return rows.length === 5 && rows;
  });
  assert.deepEqual(rows.map(({ event_type }) => event_type).sort(), [
    "attempt.completed",
    "attempt.started",
    "message.sent",
    "turn.completed",
    "turn.started",
  ]);
  const charted = await client.rows("turns_over_time");
  assert(charted.rows.length > 0, "and the chart moves");
});

Deno.test("what a turn cost is null where its model has no price, in its stream and when it is fetched", async () => {
  const { turnId } = await test.client.ask({ text: "What is this worth?", model: "limited-once" });
  const end = (await test.client.read(turnId)).at(-1)?.part;
  assert(end?.type === "end");
  const { costUsd, attempts } = await test.client.turn(turnId);
  const costs = [end.costUsd, costUsd, ...attempts.map((attempt) => attempt.costUsd)];
  // The first attempt was refused before it used anything.
  assert.deepEqual(costs, [null, null, 0, null]);
});

Deno.test("what stands in Kafka and ClickHouse is what was stored, once", async () => {
  const { turnId, workflowId } = await test.client.ask({ text: "Once", model: "demo" });
  await test.client.untilEnded(turnId);
  const stored = await readStore(async (store) => {
    const events = await store.eventsAfter(0, 10_000);
    return events.map(({ body }) => JSON.parse(body)).filter((event) => event.turnId === turnId);
  });
  const rows = await until("all are there", 10_000, async () => {
    const rows = await test.query<{ event_id: string }>(
      `SELECT event_id FROM events FINAL WHERE turn_id = '${turnId}'`,
    );
    return rows.length === stored.length && rows;
  });
  assert.deepEqual(rows.map(({ event_id }) => event_id).sort(), stored.map(({ id }) => id).sort());
  assert.equal(workflowId, `turn/${turnId}`);
});

Deno.test("a reader that leaves and comes back misses nothing and gets nothing twice", async () => {
  const { client } = test;
  const text = "Come and go";
  const { turnId } = await client.ask({ text, model: "slow" });
  const seen = [];
  for await (const part of client.parts(turnId)) {
    seen.push(part);
    if (seen.length === 40) break;
  }
  for (let breaks = 0; breaks < 3; breaks++) {
    const before = seen.length;
    for await (const part of client.parts(turnId, formatPosition(seen.at(-1)!.position))) {
      seen.push(part);
      if (seen.length === before + 30) break;
    }
  }
  seen.push(...await client.read(turnId, formatPosition(seen.at(-1)!.position)));
  const places = seen.map(({ position }) => formatPosition(position));
  assert.equal(new Set(places).size, places.length);
  assert.equal(answerOf(seen).text, simulated(text, 300));
  assert.deepEqual(answerOf(await client.read(turnId)), answerOf(seen), "also after the end");
});

Deno.test("a candidate that fails is followed by the next, and the user is told why", async () => {
  const { client } = test;
  const { turnId } = await client.ask({ text: "Fall back", model: "falls-back" });
  const parts = await client.read(turnId);
  assert.equal(answerOf(parts).text, simulated("Fall back"));
  const turn = await client.turn(turnId);
  assert.deepEqual(turn.attempts.map(({ model, error }) => [model, error?.class]), [
    ["overloaded", "overloaded"],
    ["overloaded", "overloaded"],
    ["too-long", "context-too-long"],
    ["no-key", "bad-credentials"],
    ["demo", undefined],
  ]);
  const starts = parts.flatMap(({ part }) => part.type === "attempt-start" ? [part] : []);
  assert.deepEqual(starts.map(({ reason }) => reason?.class), [
    undefined,
    "overloaded",
    "overloaded",
    "context-too-long",
    "bad-credentials",
  ]);
});

Deno.test("a rate limit is tried again after the time that the provider asked for", async () => {
  const { turnId } = await test.client.ask({ text: "Limit", model: "limited-once" });
  const turn = await test.client.untilEnded(turnId);
  assert.equal(turn.text, simulated("Limit"));
  const [first, second] = turn.attempts;
  assert.equal(first.error?.retryAfterMs, 200);
  assert(Date.parse(second.startedAt) - Date.parse(first.endedAt!) >= 200);
});

Deno.test("an answer that breaks off is continued where it broke, without a word twice", async () => {
  const { turnId } = await test.client.ask({ text: "Cut", model: "cut-twice" });
  const parts = await test.client.read(turnId);
  const answer = answerOf(parts);
  assert.equal(answer.text, simulated("Cut"));
  assert.equal(answer.seams.length, 2);
  const turn = await test.client.turn(turnId);
  assert.deepEqual(turn.attempts.map(({ error }) => error?.class), [
    "cut-off",
    "cut-off",
    undefined,
  ]);
});

Deno.test("where a model cannot continue, the answer begins anew", async () => {
  const { turnId } = await test.client.ask({ text: "Anew", model: "cut-restarts" });
  const answer = answerOf(await test.client.read(turnId));
  assert.deepEqual(answer, { text: simulated("Anew"), reasoning: "", seams: [] });
});

Deno.test("a stream that falls silent is given up for the next candidate", async () => {
  const { turnId } = await test.client.ask({ text: "Silence", model: "impatient" });
  const turn = await test.client.untilEnded(turnId);
  assert.equal(turn.attempts[0].error?.class, "stalled");
  assert.equal(turn.text, simulated("Silence"));
});

Deno.test("a turn that nobody answers is a failed run that its reason finds in Temporal", async () => {
  const { turnId } = await test.client.ask({ text: "Refuse", model: "refused" });
  const turn = await test.client.untilEnded(turnId);
  assert.equal(turn.status, "failed");
  assert.equal(turn.error?.class, "refused");
  assert.equal(turn.attempts.length, 1, "nobody else is asked");
  const query = `ExecutionStatus="Failed" AND Outcome="refused" AND TurnId="${turnId}"`;
  await until("Temporal finds it", 10_000, async () => {
    const response = await fetch(
      `${test.stack.addresses.temporalUi}/api/v1/namespaces/default/workflows?query=${
        encodeURIComponent(query)
      }`,
    );
    const { executions = [] } = await response.json();
    return executions.length === 1;
  });
});

Deno.test("while every provider is down the turn waits, and answers when one is back", async () => {
  const { client, provider } = test;
  provider.behave({ error: { status: 503, body: { error: { message: "Down" } } } });
  const { turnId } = await client.ask({ text: "Wait", model: "waits" });
  const waiting = await until("it waits", 10_000, async () => {
    const turn = await client.turn(turnId);
    return turn.status === "waiting" && turn;
  });
  assert.equal(waiting.waiting?.reason.class, "overloaded");
  assert(Date.parse(waiting.waiting.until) > Date.now() - 1000);
  provider.behave({});
  const parts = await client.read(turnId);
  assert(parts.some(({ part }) => part.type === "waiting"));
  assert.equal(answerOf(parts).text, simulated("Wait"));
});

Deno.test("a stop reaches the provider, keeps what the user saw, and nothing grows afterwards", async () => {
  const { client, provider } = test;
  provider.behave({ firstTokenMs: 10, tokenMs: 20, tokens: 500 });
  const { turnId } = await client.ask({ text: "Stop", model: "mock" });
  const seen = [];
  for await (const part of client.parts(turnId)) {
    seen.push(part);
    if (seen.length === 12) break;
  }
  const seenText = answerOf(seen).text;
  await client.stop(turnId, seenText.length);
  await client.stop(turnId);
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.status, "stopped");
  assert.equal(turn.text, seenText);
  const request = provider.requests.at(-1)!;
  await until("the provider's connection is closed", 5000, () => Promise.resolve(request.aborted));
  assert.equal(answerOf(await client.read(turnId)).text, seenText);
});

Deno.test("a compatible server is asked with the history of the turn's own branch", async () => {
  const { client, provider } = test;
  provider.behave({ tokens: 3 });
  const conversationId = await client.conversation();
  const first = await client.send(conversationId, { text: "One", model: "mock" });
  await client.untilEnded(first.turnId);
  const other = await client.send(conversationId, { text: "Other", model: "mock" });
  await client.untilEnded(other.turnId);
  const second = await client.send(conversationId, {
    text: "Two",
    model: "mock",
    parentTurnId: first.turnId,
  });
  const turn = await client.untilEnded(second.turnId);
  assert.deepEqual(provider.requests.at(-1)!.body.messages, [
    { role: "user", content: "One" },
    { role: "assistant", content: simulated("One", 3) },
    { role: "user", content: "Two" },
  ]);
  assert.equal(turn.attempts[0].responseModel, "mock-model", "auto took what the server lists");
});

async function withTemporal(run: (client: Client) => Promise<void>): Promise<void> {
  const connection = await NativeConnection.connect({ address: test.stack.addresses.temporal });
  try {
    await run(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

Deno.test("the message of an api that died right after the start is stored by the workflow", async () => {
  const { turnId, workflowId } = await test.client.ask({ text: "Original", model: "demo" });
  await test.client.untilEnded(turnId);
  await withTemporal(async ({ workflow }) => {
    // The same plan under another id: a start of which the store knows nothing.
    const history = await workflow.getHandle(workflowId).fetchHistory();
    const input = history.events![0].workflowExecutionStartedEventAttributes!.input!.payloads![0];
    const text = new TextDecoder().decode(input.data!);
    const unknown = crypto.randomUUID();
    const plan = JSON.parse(text.replaceAll(turnId, unknown));
    plan.message.id = crypto.randomUUID();
    const handle = await workflow.start(turnWorkflowType, {
      workflowId: turnWorkflowId(unknown),
      taskQueue,
      args: [plan],
    });
    assert.deepEqual(await handle.result(), { outcome: "completed" });
    const turn = await readStore<TurnState | null>((store) => store.turn(unknown));
    assert.equal(turn?.text, simulated("Original"));
  });
});

Deno.test("a failed turn that an operator resets is answered in the user's conversation, with nothing doubled", async () => {
  const { client, provider } = test;
  provider.behave({ error: { status: 401, body: { error: { message: "No such key" } } } });
  const { turnId, workflowId } = await client.ask({ text: "Reset me", model: "once" });
  assert.equal((await client.untilEnded(turnId)).error?.class, "bad-credentials");
  const before = await client.read(turnId);
  provider.behave({ tokens: 20 });
  await withTemporal(async ({ connection, workflow }) => {
    const { events = [] } = await workflow.getHandle(workflowId).fetchHistory();
    const firstTask = events?.find((event) => event.workflowTaskCompletedEventAttributes);
    await connection.workflowService.resetWorkflowExecution({
      namespace: "default",
      workflowExecution: { workflowId },
      // The UI offers the same: to begin again after a task of the workflow.
      workflowTaskFinishEventId: firstTask?.eventId,
      reason: "the key is there now",
      requestId: crypto.randomUUID(),
    });
  });
  const turn = await until("it is answered", 15_000, async () => {
    const turn = await client.turn(turnId);
    return turn.status === "completed" && turn;
  });
  assert.equal(turn.text, simulated("Reset me", 20));
  assert.deepEqual(turn.attempts.map(({ error }) => error?.class), ["bad-credentials", undefined]);
  const after = await client.read(turnId, formatPosition(before.at(-1)!.position));
  assert.equal(answerOf([...before, ...after]).text, turn.text, "who had seen it fail goes on");
  const types = await readStore(async (store) => {
    const events = await store.eventsAfter(0, 10_000);
    return events.map(({ body }) => JSON.parse(body)).filter((event) => event.turnId === turnId)
      .map(({ type }) => type);
  });
  assert.deepEqual(types, [
    "message.sent",
    "turn.started",
    "attempt.started",
    "attempt.failed",
    "turn.failed",
    "attempt.started",
    "attempt.completed",
    "turn.completed",
  ]);
});

Deno.test("a turn that was stopped before any worker saw it is stopped, with its message kept", async () => {
  const { client, stack } = test;
  await stack.kill("worker");
  const { turnId } = await client.ask({ text: "Too late", model: "demo" });
  await client.stop(turnId, 0);
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.status, "stopped");
  assert.equal(turn.message, "Too late");
  assert.equal(turn.text, "");
});
