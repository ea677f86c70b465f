/** Providers that fail, recover and have their limits, seen by turns, by several processes and by who watches them. */
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import assert from "node:assert/strict";
import { connectClickHouse, rowsOf } from "../analytics/clickhouse.ts";
import type { ModelView, Page } from "../events/contract/api.ts";
import type { TurnlogEvent } from "../events/contract/event.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { type MockOpenAi, startMockOpenAi } from "../scripts/load/mock_openai.ts";
import { startTemporaryStack, type TemporaryStack } from "../scripts/load/temporary_stack.ts";
import { answerOf, TurnClient } from "../scripts/load/turn_client.ts";
import { until } from "../scripts/load/until.ts";
import { freePorts } from "../scripts/ports.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";

const cooldownMs = 4000;
const concurrent = 4;
/** Two processes call: the api makes first calls, and the worker all others. */
const atOnceMax = 2 * concurrent;
/** Temporal's PENDING_ACTIVITY_STATE_STARTED: a worker is at it. */
const pendingActivityStarted = 2;
const down = { error: { status: 503, body: { error: { message: "Down" } } } };

let replicas: [MockOpenAi, MockOpenAi];
let limited: MockOpenAi;
let test: TemporaryStack;
let client: TurnClient;
let connection: NativeConnection;
let temporal: Client;
const lines: string[] = [];

Deno.test.beforeAll(async () => {
  replicas = [startMockOpenAi(), startMockOpenAi()];
  limited = startMockOpenAi();
  test = await startTemporaryStack({
    models: `
providers:
  pool: { kind: openai, baseUrl: "\${POOL_URLS}", vllm: true, breaker: { failures: 3, cooldownMs: ${cooldownMs} } }
  limited: { kind: openai, baseUrl: "\${LIMITED_URL}", limits: { concurrent: ${concurrent}, queueMs: 60000 } }
  simulated: { kind: simulated }
models:
  pool: { provider: pool, name: auto }
  limited: { provider: limited, name: auto }
  demo: { provider: simulated, parameters: { firstTokenMs: 5, tokenMs: 1 } }
routes:
  default: { candidates: [demo], timeouts: { firstTokenMs: 60000 } }
  waits: { candidates: [pool], retry: { attempts: 2 }, onExhausted: wait, waitMs: 120000 }
  falls-back: { candidates: [pool, demo], retry: { attempts: 1 } }
`,
    variables: {
      POOL_URLS: replicas.map(({ url }) => url).join(","),
      LIMITED_URL: limited.url,
    },
    onLine: (name, line) => lines.push(`${name} | ${line}`),
  });
  client = await TurnClient.connect(test.stack.url);
  connection = await NativeConnection.connect({ address: test.stack.addresses.temporal });
  temporal = new Client({ connection });
});

Deno.test.afterAll(async () => {
  await connection.close();
  await test.stop();
  await Promise.all([...replicas, limited].map((mock) => mock.close()));
});

function simulated(text: string): string {
  return simulateAnswer(text).join("");
}

async function ask(model: string, text = `A turn for ${model}`) {
  const { turnId } = await client.ask({ text, model });
  return await client.untilEnded(turnId);
}

async function storedEvents(): Promise<TurnlogEvent[]> {
  const store = openSqliteStore(`${test.stack.settings.TURNLOG_DATA}/turnlog.db`);
  const events = await store.eventsAfter(0, 100_000).finally(() => store.close());
  return events.map(({ body }) => JSON.parse(body));
}

/** Waits until a worker is at the turn: it calls, or has it in its queue. */
async function untilWithWorker({ workflowId }: { workflowId: string }, withinMs: number) {
  await until(`a worker is at ${workflowId}`, withinMs, async () => {
    const { raw } = await temporal.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.[0]?.state === pendingActivityStarted;
  });
}

/** What was stated of providers since this moment. */
async function statedSince(fromMs: number) {
  return (await storedEvents()).flatMap((event) =>
    (event.type === "provider.cooled_down" || event.type === "provider.recovered") &&
      Date.parse(event.time) >= fromMs
      ? [event]
      : []
  );
}

async function modelView(name: string, url = test.stack.url): Promise<ModelView> {
  const response = await fetch(`${url}/api/models`);
  const { items }: Page<ModelView> = await response.json();
  return items.find((model) => model.name === name)!;
}

/** A gauge or counter → its value, for those of one provider. */
async function metricsOf(url: string, provider: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`);
  const samples = (await response.text()).matchAll(
    new RegExp(`^(turnlog_provider_\\w+\\{provider="${provider}".*\\}) (\\S+)$`, "gm"),
  );
  return new Map([...samples].map(([, name, value]) => [name, Number(value)]));
}

/** One more process of this role beside the stack's own. */
async function startSecond(file: string, variables: (port: string) => Record<string, string>) {
  const [port] = freePorts(1);
  const { settings, variables: addresses } = test.stack;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", file],
    env: {
      ...addresses,
      TURNLOG_DATA: settings.TURNLOG_DATA,
      TURNLOG_CONFIG: settings.TURNLOG_CONFIG,
      POOL_URLS: replicas.map(({ url }) => url).join(","),
      LIMITED_URL: limited.url,
      ...variables(String(port)),
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  await until(`${file} is ready`, 30_000, async () => {
    const response = await fetch(`${url}/readyz`);
    await response.body?.cancel();
    return response.ok;
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
    },
  };
}

function startSecondWorker() {
  return startSecond("workflows/worker.ts", (port) => ({
    TURNLOG_HEALTH_PORT: port,
    TURNLOG_WORKFLOW_BUNDLE: `${test.stack.settings.TURNLOG_DATA}/run/workflow_bundle.js`,
  }));
}

function startSecondApi() {
  return startSecond("api/main.ts", (port) => ({
    TURNLOG_PORT: port,
    CLICKHOUSE_URL: test.stack.addresses.clickhouse,
  }));
}

Deno.test("replicas share the turns, and events say which one was called", async () => {
  await Promise.all(Array.from({ length: 12 }, (_, index) => ask("pool", `Message ${index}`)));
  const counts = replicas.map(({ requests }) => requests.length);
  assert.equal(counts[0] + counts[1], 12);
  assert(counts.every((count) => count >= 3), `one replica got little: ${counts}`);
  const endpoints = (await storedEvents()).flatMap((event) =>
    event.type === "attempt.completed" ? [event.data.endpoint] : []
  );
  assert.deepEqual(
    replicas.map(({ url }) => endpoints.filter((endpoint) => endpoint === `${url}/v1`).length),
    counts,
  );
});

Deno.test("one replica dies: its turns are answered by the other, and it is left alone", async () => {
  const fromMs = Date.now();
  replicas[0].behave(down);
  for (let index = 0; index < 8; index++) {
    const turn = await ask("waits", `While one is down ${index}`);
    assert.equal(turn.text, simulated(`While one is down ${index}`));
  }
  // It is avoided for two seconds after each failure, so that it takes a while until it has failed often enough.
  await until("it cools down", 30_000, async () => {
    await ask("waits");
    return (await statedSince(fromMs)).length > 0;
  });
  const [{ type, data }] = await statedSince(fromMs);
  assert.equal(type, "provider.cooled_down");
  assert.equal(data.endpoint, `${replicas[0].url}/v1`);
  const called = replicas[0].requests.length;
  await ask("waits");
  await ask("waits");
  assert.equal(replicas[0].requests.length, called, "it is not called while it cools down");
  assert.equal((await modelView("pool")).state, "awake", "the model as a whole answers");
});

Deno.test("it comes back: one call tries it, and it is used again", async () => {
  replicas[0].behave({});
  const fromMs = Date.now();
  await until("it has recovered", 20_000, async () => {
    await ask("waits");
    return (await statedSince(fromMs)).some(({ type }) => type === "provider.recovered");
  });
  const called = replicas.map(({ requests }) => requests.length);
  await Promise.all(Array.from({ length: 8 }, () => ask("waits")));
  replicas.forEach(({ requests }, index) => assert(requests.length > called[index]));
});

Deno.test("both die: a turn waits or falls back without a call, everyone sees why, and it goes on when they are back", async () => {
  await using worker = await startSecondWorker();
  await using api = await startSecondApi();
  const fromMs = Date.now();
  replicas.forEach((replica) => replica.behave(down));
  const { turnId } = await client.ask({ text: "Patience", model: "waits" });
  await until("both cool down", 60_000, async () => {
    await ask("falls-back");
    return (await modelView("pool")).state === "cooling-down";
  });

  const [here, there] = [await modelView("pool"), await modelView("pool", api.url)];
  assert.equal(there.coolingDown!.until, here.coolingDown!.until, "another api knows the same");
  assert.match(
    here.coolingDown!.reason.message,
    /^pool is not called until .*pool cannot answer now/,
  );
  assert(Date.parse(here.coolingDown!.until) > fromMs);
  for (const url of [worker.url, api.url, test.stack.url]) {
    const metrics = await metricsOf(url, "pool");
    for (const replica of replicas) {
      const state = metrics.get(
        `turnlog_provider_endpoint_state{provider="pool",endpoint="${replica.url}/v1"}`,
      );
      assert.equal(state, 2, `${url} knows of ${replica.url}`);
    }
  }

  const called = replicas.map(({ requests }) => requests.length);
  const fellBack = await ask("falls-back", "Who answers?");
  assert.deepEqual(fellBack.attempts.map(({ model }) => model), ["demo"]);
  assert.match(fellBack.attempts[0].reason!.message, /^pool is not called until/);
  assert.equal(fellBack.attempts[0].isFallback, true);
  assert.deepEqual(replicas.map(({ requests }) => requests.length), called, "nobody was called");
  assert.equal((await client.turn(turnId)).status, "waiting");

  replicas.forEach((replica) => replica.behave({}));
  const turn = await client.untilEnded(turnId, 60_000);
  assert.equal(turn.text, simulated("Patience"));
  assert.equal(answerOf(await client.read(turnId)).text, turn.text);
  await until(
    "all know that it answers",
    10_000,
    async () =>
      (await modelView("pool")).state === "awake" &&
      (await modelView("pool", api.url)).state === "awake",
  );

  const stated = await statedSince(fromMs);
  const ids = new Set(stated.map(({ id }) => id));
  assert.equal(ids.size, stated.length);
  const untils = stated.flatMap((event) =>
    event.type === "provider.cooled_down" ? [[event.data.endpoint, event.data.until].join()] : []
  );
  assert.equal(new Set(untils).size, untils.length, "two workers stated each cool-down once");

  const clickhouse = connectClickHouse(test.stack.addresses.clickhouse);
  await until("ClickHouse has them all", 10_000, async () => {
    const rows = await rowsOf<{ id: string }>(
      clickhouse,
      "SELECT toString(event_id) AS id FROM events FINAL WHERE event_type LIKE 'provider.%'",
    );
    return [...ids].every((id) => rows.some((row) => row.id === id));
  }).finally(() => clickhouse.close());
});

Deno.test("limits hold under fifty turns at once, and one who sends many does not keep out another", async () => {
  let mostAtOnce = 0;
  const allAreThere = Promise.withResolvers<void>();
  limited.behave(() => {
    mostAtOnce = Math.max(mostAtOnce, limited.requests.filter(({ ended }) => !ended).length);
    return { after: allAreThere.promise, tokenMs: 2, tokens: 20 };
  });
  const busy = await TurnClient.connect(test.stack.url);
  const accepted = await Promise.all(
    Array.from({ length: 49 }, (_, index) => busy.ask({ text: `Busy ${index}`, model: "limited" })),
  );
  const other = await TurnClient.connect(test.stack.url);
  const one = await other.ask({ text: "Just one", model: "limited" });
  for (const turn of [...accepted, one]) await untilWithWorker(turn, 30_000);
  assert.equal(limited.requests.length, atOnceMax, "the others wait");
  allAreThere.resolve();

  const all = await Promise.all([
    other.untilEnded(one.turnId, 60_000),
    ...accepted.map(({ turnId }) => busy.untilEnded(turnId, 60_000)),
  ]);
  assert(all.every(({ status }) => status === "completed"));
  assert(mostAtOnce <= atOnceMax, `${mostAtOnce} calls at once`);
  const place = limited.requests.findIndex(({ body }) => body.messages[0].content === "Just one");
  assert(place <= atOnceMax + 2, `it was the ${place + 1}th to be called`);
});

Deno.test("a turn that waits for a place can be stopped", async () => {
  const stopped = Promise.withResolvers<void>();
  limited.behave({ after: stopped.promise, tokens: 3 });
  const running = await Promise.all(
    Array.from({ length: atOnceMax }, () => client.ask({ text: "Slow", model: "limited" })),
  );
  await until("all places are taken", 10_000, () => {
    return Promise.resolve(limited.requests.filter(({ ended }) => !ended).length === atOnceMax);
  });
  const { turnId, workflowId } = await client.ask({ text: "Too late", model: "limited" });
  await untilWithWorker({ workflowId }, 30_000);
  await client.stop(turnId);
  const turn = await client.untilEnded(turnId, 10_000);
  assert.equal(turn.status, "stopped");
  assert.deepEqual(turn.attempts, []);
  stopped.resolve();
  await Promise.all(running.map(({ turnId }) => client.untilEnded(turnId)));
});
