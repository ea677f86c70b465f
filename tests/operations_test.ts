/** What operators do, on real engines: failed turns are found, retried one by one or all at once, and cancelled. */
import assert from "node:assert/strict";
import type { Page } from "../events/contract/api.ts";
import type {
  OperationCount,
  OperationTurn,
  OperationTurnDetail,
  RetryView,
} from "../events/contract/operations.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { until } from "../scripts/load/until.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

let test: TestStack;

Deno.test.beforeAll(async () => {
  test = await startTestStack();
});

Deno.test.afterAll(() => test.stop());

async function ask<Result>(method: string, path: string, body?: unknown): Promise<Result> {
  const response = await test.client.request(method, `/api/operations${path}`, body);
  const text = await response.text();
  assert(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as Result;
}

function listed(query: string): Promise<Page<OperationTurn>> {
  return ask("GET", `/turns?${query}`);
}

/** The events of these turns in the order of the log. */
async function eventsOf(turnIds: string[]) {
  const store = openSqliteStore(`${test.stack.settings.TURNLOG_DATA}/turnlog.db`);
  try {
    const events = (await store.eventsAfter(0, 100_000)).map(({ body }) => JSON.parse(body));
    return events.filter((event) => turnIds.includes(event.turnId));
  } finally {
    await store.close();
  }
}

const refusal = { error: { status: 401, body: { error: { message: "No such key" } } } };
const down = { error: { status: 503, body: { error: { message: "Down" } } } };

async function failedTurn(text: string): Promise<string> {
  const { turnId } = await test.client.ask({ text, model: "once" });
  assert.equal((await test.client.untilEnded(turnId)).status, "failed");
  return turnId;
}

function untilCompleted(turnId: string) {
  return until(`turn ${turnId} is answered`, 20_000, async () => {
    const turn = await test.client.turn(turnId);
    return turn.status === "completed" && turn;
  });
}

const answeredAfterRetry = [
  "message.sent",
  "turn.started",
  "attempt.started",
  "attempt.failed",
  "turn.failed",
  "attempt.started",
  "attempt.completed",
  "turn.completed",
];

Deno.test("a failed turn is found by its reason, and a retry answers it in its conversation", async () => {
  test.provider.behave(refusal);
  const turnId = await failedTurn("Retry me");
  const { items } = await listed("status=failed&errorClass=bad-credentials&model=mock");
  const [found] = items;
  assert.equal(found.id, turnId);
  assert.equal(found.attempts, 1);
  assert.match(found.error!.message, /mock does not accept its key/);
  assert(
    !JSON.stringify(items).includes("Retry me"),
    "what was written is not an operator's to read",
  );

  test.provider.behave({ tokens: 20 });
  const { runId } = await ask<{ runId: string }>("POST", `/turns/${turnId}/retry`);
  const turn = await untilCompleted(turnId);
  assert.equal(turn.text, simulateAnswer("Retry me", 20).join(""));
  const detail = await ask<OperationTurnDetail>("GET", `/turns/${turnId}`);
  assert.equal(detail.run?.runId, runId);
  assert.deepEqual(detail.tries.map(({ status }) => status), ["failed", "completed"]);
  assert(!(await listed("status=failed")).items.some(({ id }) => id === turnId));

  const refused = await test.client.request("POST", `/api/operations/turns/${turnId}/retry`);
  assert.equal(refused.status, 409);
  await refused.body?.cancel();
  assert.deepEqual((await eventsOf([turnId])).map(({ type }) => type), answeredAfterRetry);
});

Deno.test("a link leads to the turn's run in the Temporal UI", async () => {
  test.provider.behave({});
  const { turnId } = await test.client.ask({ text: "Link", model: "demo" });
  await test.client.untilEnded(turnId);
  const { temporalUrl, run } = await ask<OperationTurnDetail>("GET", `/turns/${turnId}`);
  const { temporalUi } = test.stack.addresses;
  assert.equal(
    temporalUrl,
    `${temporalUi}/namespaces/default/workflows/turn%2F${turnId}/${run!.runId}`,
  );
});

Deno.test("one that retries twice at once gets one answer", async () => {
  test.provider.behave(refusal);
  const turnId = await failedTurn("Twice");
  test.provider.behave({ tokens: 20 });
  const answers = await Promise.all([1, 2, 3].map(async () => {
    const response = await test.client.request("POST", `/api/operations/turns/${turnId}/retry`);
    await response.body?.cancel();
    return response.status;
  }));
  assert(answers.every((status) => status === 202 || status === 409), answers.join());
  await untilCompleted(turnId);
  assert.deepEqual((await eventsOf([turnId])).map(({ type }) => type), answeredAfterRetry);
});

Deno.test("all turns that failed for one reason are retried, the others stay, and nothing is doubled", async () => {
  test.provider.behave(refusal);
  const failed = await Promise.all(
    Array.from({ length: 10 }, (_, index) => failedTurn(`Batch ${index}`)),
  );
  const { turnId: other } = await test.client.ask({ text: "Refused", model: "refused" });
  await test.client.untilEnded(other);
  const { items: counts } = await ask<Page<OperationCount>>("GET", "/counts");
  const count = counts.find(({ status, errorClass }) =>
    status === "failed" && errorClass === "bad-credentials"
  );
  assert.equal(count?.turns, 10);

  test.provider.behave({ tokens: 20 });
  const request = { id: crypto.randomUUID(), errorClass: "bad-credentials", limit: 100 };
  await ask("POST", "/retries", request);
  await ask("POST", "/retries", request);
  await test.stack.kill("worker");
  const retry = await until("the retry is done", 60_000, async () => {
    const retry = await ask<RetryView>("GET", `/retries/${request.id}`);
    return retry.status === "completed" && retry;
  });
  assert.deepEqual(retry.progress, { found: 10, retried: 10, skipped: 0 });
  await Promise.all(failed.map(untilCompleted));
  assert.equal((await test.client.turn(other)).status, "failed");
  const conflicting = await test.client.request("POST", "/api/operations/retries", {
    ...request,
    limit: 5,
  });
  assert.equal(conflicting.status, 409);
  await conflicting.body?.cancel();

  const events = await eventsOf(failed);
  for (const turnId of failed) {
    const types = events.filter((event) => event.turnId === turnId).map(({ type }) => type);
    assert.deepEqual(types, answeredAfterRetry);
  }
  const names = failed.map((turnId) => `'${turnId}'`).join();
  const rows = await until("all of it is in ClickHouse", 15_000, async () => {
    const rows = await test.query<{ event_type: string; events: string }>(
      `SELECT event_type, count() AS events FROM events FINAL WHERE turn_id IN (${names})
       GROUP BY event_type ORDER BY event_type`,
    );
    return rows.some(({ event_type, events }) =>
      event_type === "turn.completed" && Number(events) === 10
    ) && rows;
  });
  assert.deepEqual(rows.map(({ event_type, events }) => [event_type, Number(events)]), [
    ["attempt.completed", 10],
    ["attempt.failed", 10],
    ["attempt.started", 20],
    ["message.sent", 10],
    ["operation.requested", 10],
    ["turn.completed", 10],
    ["turn.failed", 10],
    ["turn.started", 10],
  ]);
});

Deno.test("a waiting turn is listed with its next try, and a cancel stops it for good", async () => {
  test.provider.behave(down);
  const { turnId } = await test.client.ask({ text: "Wait", model: "waits" });
  const found = await until("it waits", 10_000, async () => {
    const { items } = await listed("status=waiting&errorClass=overloaded");
    return items.find(({ id }) => id === turnId) ?? null;
  });
  assert(Date.parse(found.nextTryAt!) > Date.parse(found.since));
  await ask("POST", `/turns/${turnId}/cancel`);
  assert.equal((await test.client.untilEnded(turnId)).status, "stopped");
  await ask("POST", `/turns/${turnId}/cancel`);
  assert.deepEqual((await listed("status=waiting")).items, []);
});

Deno.test("who asked for what can be read in ClickHouse", async () => {
  const rows = await until("it is there", 15_000, async () => {
    const rows = await test.query<{ action: string; by: string; count: string }>(
      `SELECT data.action::String AS action, data.by::String AS by, count() AS count FROM events FINAL
       WHERE event_type = 'operation.requested' GROUP BY action, by ORDER BY action`,
    );
    return rows.some(({ action }) => action === "cancel-turn") && rows;
  });
  const counted = new Map(rows.map(({ action, count }) => [action, Number(count)]));
  assert.equal(counted.get("retry-turns"), 1);
  assert.equal(counted.get("cancel-turn"), 1);
  // Two at once, and what was refused, were asked for too.
  assert(counted.get("retry-turn")! >= 13);
  assert(rows.every(({ by }) => by === "loopback"));
});
