/** Servers that sleep, wake and take adapters, through real engines: as users, operators and the idle policy see them. */
import assert from "node:assert/strict";
import type { ModelView, ServerView } from "../events/contract/api.ts";
import type { SystemEventOf } from "../events/contract/event.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { startTemporaryStack, type TemporaryStack } from "../scripts/load/temporary_stack.ts";
import { answerOf, TurnClient } from "../scripts/load/turn_client.ts";
import { until } from "../scripts/load/until.ts";
import { adapterPath, FakeVllm } from "../workflows/model_manager/fake_vllm_server.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";

let temporary: TemporaryStack;
let client: TurnClient;
/** Wakes slowly enough to be seen, and to be killed in the middle. */
const sleeper = new FakeVllm({ wakeMs: 1500 });
const spoiled = new FakeVllm();
const idle = new FakeVllm({ tokenMs: 30 });
const plain = new FakeVllm({ devMode: false, adapters: "none" });
const fakes = { sleeper, spoiled, idle, plain };
const idleMs = 1500;

function configuration(): string {
  const provider = (name: keyof typeof fakes, more = "") =>
    `  ${name}: { kind: openai, baseUrl: "${fakes[name].url}", vllm: true${more} }`;
  return `
providers:
${provider("sleeper", `, adapters: { poet: ${adapterPath} }`)}
${provider("spoiled")}
${provider("idle", `, sleep: { afterIdleMs: ${idleMs}, level: 2 }`)}
${provider("plain")}
  simulated: { kind: simulated }
models:
  sleeper: { provider: sleeper, name: tiny }
  poet: { provider: sleeper, name: poet }
  spoiled: { provider: spoiled, name: tiny }
  idle: { provider: idle, name: tiny }
  plain: { provider: plain, name: tiny }
  demo: { provider: simulated, parameters: { firstTokenMs: 5, tokenMs: 1 } }
routes:
  default: { candidates: [demo], retry: { attempts: 1 } }
  falls-back: { candidates: [spoiled, demo], retry: { attempts: 1 } }
`;
}

Deno.test.beforeAll(async () => {
  temporary = await startTemporaryStack({ models: configuration() });
  client = await TurnClient.connect(temporary.stack.url);
});

Deno.test.afterAll(async () => {
  await temporary.stop();
  for (const fake of Object.values(fakes)) await fake[Symbol.asyncDispose]();
});

function simulated(text: string): string {
  return simulateAnswer(text).join("");
}

// deno-lint-ignore no-explicit-any -- the tests read what they expect
async function operate(method: string, path: string, body?: unknown): Promise<[number, any]> {
  const response = await client.request(method, `/api/operations/models${path}`, body);
  return [response.status, await response.json()];
}

async function putToSleep(model: string): Promise<void> {
  const [status, body] = await operate("POST", `/${model}/sleep`, {});
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.items[0].state, "asleep");
}

/** What was stated of a provider's models, in order. */
async function changesOf(provider: string): Promise<SystemEventOf<"model.state_changed">[]> {
  const store = openSqliteStore(`${temporary.stack.settings.TURNLOG_DATA}/turnlog.db`);
  try {
    const events = await store.eventsAfter(0, 100_000);
    return events.map(({ body }) => JSON.parse(body)).filter(({ type, data }) =>
      type === "model.state_changed" && data.provider === provider
    );
  } finally {
    await store.close();
  }
}

async function statesOf(provider: string, since = 0): Promise<string[]> {
  const changes = await changesOf(provider);
  return changes.slice(since).map(({ data: { from, to } }) => `${from} → ${to}`);
}

async function modelView(name: string): Promise<ModelView> {
  const response = await client.request("GET", "/api/models");
  const { items }: { items: ModelView[] } = await response.json();
  return items.find((model) => model.name === name)!;
}

const aSleepAndAWake = ["awake → asleep", "asleep → loading", "loading → awake"];

Deno.test("a turn wakes the server that it wants, and the user sees it", async () => {
  await putToSleep("sleeper");
  await until("the list says so", 10_000, async () => {
    const { available, state } = await modelView("sleeper");
    return available && state === "asleep";
  });
  const { turnId } = await client.ask({ text: "Good morning", model: "sleeper" });
  const parts = await client.read(turnId);
  const waiting = parts.flatMap(({ part }) => part.type === "waiting" ? [part] : []);
  assert.deepEqual(waiting.map(({ reason }) => reason), [
    { class: "asleep", message: "sleeper is asleep and is being woken up" },
  ]);
  assert.equal(answerOf(parts).text, simulated("Good morning"));
  const turn = await client.turn(turnId);
  // The api does not know the server yet, so that it left the call to a worker, which asks before it calls.
  assert.deepEqual(turn.attempts.map(({ error }) => error?.class), [undefined]);
  assert.deepEqual(await statesOf("sleeper"), aSleepAndAWake);
  const [, , awake] = await changesOf("sleeper");
  assert.equal(awake.data.requestModel, "tiny");
  assert.equal(awake.data.reason, "a turn asked for it");
  assert(awake.data.durationMs! >= 1500);
});

Deno.test("many turns at once wake it once", async () => {
  const before = (await changesOf("sleeper")).length;
  const wakes = sleeper.count("POST /wake_up");
  await putToSleep("sleeper");
  const texts = Array.from({ length: 20 }, (_, index) => `Turn ${index}`);
  const asked = await Promise.all(texts.map((text) => client.ask({ text, model: "sleeper" })));
  const turns = await Promise.all(asked.map(({ turnId }) => client.untilEnded(turnId)));
  assert.deepEqual(turns.map(({ text }) => text), texts.map(simulated));
  assert.equal(sleeper.count("POST /wake_up"), wakes + 1);
  assert.deepEqual(await statesOf("sleeper", before), aSleepAndAWake);
});

Deno.test("a wake goes on where the worker is killed in the middle of it", async () => {
  const before = (await changesOf("sleeper")).length;
  await putToSleep("sleeper");
  const wakes = sleeper.count("POST /wake_up");
  const { turnId } = await client.ask({ text: "Who killed it?", model: "sleeper" });
  await until(
    "it is being woken",
    10_000,
    () => Promise.resolve(sleeper.count("POST /wake_up") > wakes && sleeper.isAsleep),
  );
  await temporary.stack.kill("worker");
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.text, simulated("Who killed it?"));
  assert.deepEqual(await statesOf("sleeper", before), aSleepAndAWake);
});

Deno.test("a model that writes nonsense after its wake answers nobody, and the next candidate does", async () => {
  await putToSleep("spoiled");
  spoiled.spoiledWakes = Infinity;
  const { turnId } = await client.ask({ text: "Are you well?", model: "falls-back" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.text, simulated("Are you well?"));
  const attempt = turn.attempts.at(-1)!;
  assert.equal(attempt.model, "demo");
  assert.equal(attempt.reason?.class, "asleep");
  assert.match(attempt.reason.message, /^spoiled could not be woken up: .* before it slept, with/);
  assert(spoiled.calls.every(({ isCanary }) => isCanary), "it wrote for no user");
  assert.deepEqual(await statesOf("spoiled"), [
    "awake → asleep",
    "asleep → loading",
    "loading → failed",
  ]);
  assert(spoiled.isAsleep);

  const wakes = spoiled.count("POST /wake_up");
  await client.untilEnded((await client.ask({ text: "And now?", model: "falls-back" })).turnId);
  assert.equal(spoiled.count("POST /wake_up"), wakes, "it is not tried again for a while");

  spoiled.spoiledWakes = 0;
  const [status, body] = await operate("POST", "/spoiled/wake");
  assert.deepEqual([status, body.items?.[0].state], [200, "awake"], "unless an operator asks");
  const mended = await client.untilEnded(
    (await client.ask({ text: "Mended?", model: "falls-back" })).turnId,
  );
  assert.equal(mended.attempts.at(-1)?.model, "spoiled");
  assert.equal(mended.text, simulated("Mended?"));
});

Deno.test("a server that nobody uses is put to sleep, and never under a call", async () => {
  const { turnId } = await client.ask({ text: "A long answer, please", model: "idle" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.text, simulated("A long answer, please"));
  assert(turn.durationMs! > idleMs, "it took longer than a server may be idle");
  await until("it sleeps", 20_000, () => Promise.resolve(idle.isAsleep));
  assert.deepEqual(idle.inFlightAtSleep.filter((calls) => calls > 0), []);
  await until(
    "it is stated",
    5000,
    async () => (await statesOf("idle")).at(-1) === "awake → asleep",
  );
  const { data } = (await changesOf("idle")).at(-1)!;
  assert.match(data.reason, /^nobody used it for \d+ s$/);

  const again = await client.untilEnded((await client.ask({ text: "Hm", model: "idle" })).turnId);
  assert.equal(again.text, simulated("Hm"), "from level 2 it wakes with its weights read anew");
});

Deno.test("an adapter is loaded, answers as a model of its own, and is unloaded", async () => {
  const [status, loaded] = await operate("POST", "/sleeper/adapters", { name: "poet" });
  assert.equal(status, 200, JSON.stringify(loaded));
  assert.equal(loaded.items[0].changed, true);
  const [, again] = await operate("POST", "/sleeper/adapters", { name: "poet" });
  assert.equal(again.items[0].changed, false);
  assert.deepEqual((await modelView("sleeper")).adapters, ["poet"]);
  const { turnId } = await client.ask({ text: "A verse", model: "poet" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.text, simulated("poet: A verse"));
  assert.equal(turn.attempts[0].responseModel, "poet");
  const [unloaded] = await operate("DELETE", "/sleeper/adapters/poet");
  assert.equal(unloaded, 200);
  const gone = await client.untilEnded((await client.ask({ text: "More", model: "poet" })).turnId);
  assert.equal(gone.status, "failed");
  const changes = (await changesOf("sleeper")).filter(({ data }) => data.requestModel === "poet");
  assert.deepEqual(changes.map(({ data }) => data.to), ["awake", "unloaded"]);
});

Deno.test("what a server was started without is told to whoever asks for it", async () => {
  const [status, problem] = await operate("POST", "/plain/sleep", {});
  assert.equal(status, 409);
  assert.equal(problem.type, "/problems/model-unmanageable");
  assert.match(problem.detail, /^plain: .* without VLLM_SERVER_DEV_MODE=1/);
  const adapter = { name: "poet", path: adapterPath };
  const [, noAdapters] = await operate("POST", "/plain/adapters", adapter);
  assert.match(noAdapters.detail, /without VLLM_ALLOW_RUNTIME_LORA_UPDATING=True/);
  const [, nowhere] = await operate("POST", "/sleeper/adapters", { name: "x", path: "/nowhere" });
  assert.equal(nowhere.type, "/problems/model-change-refused");
  assert.match(nowhere.detail, /No adapter found for \/nowhere/);
  const [, { items }] = await operate("GET", "");
  const supported = (items as ServerView[]).map((
    { provider, canSleep, takesAdapters },
  ) => [provider, canSleep, takesAdapters]);
  assert.deepEqual(supported, [
    ["sleeper", true, true],
    ["spoiled", true, true],
    ["idle", true, true],
    ["plain", false, false],
  ]);
  const { turnId } = await client.ask({ text: "Awake", model: "plain" });
  assert.equal(
    (await client.untilEnded(turnId)).text,
    simulated("Awake"),
    "it answers all the same",
  );
});
