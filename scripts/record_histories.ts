/**
 * Records the histories of runs of every kind, for the tests to replay: the workflow code of a later version must be able
 * to go on with them. Run it once for each released version, and never change what it wrote for an earlier one.
 */
import { Client } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { NativeConnection } from "@temporalio/worker";
import {
  backtestWorkflowId,
  exportWorkflowId,
  retryWorkflowId,
  turnWorkflowId,
} from "../events/contract/names.ts";
import { FakeVllm } from "../workflows/model_manager/fake_vllm_server.ts";
import { type MockOpenAi, startMockOpenAi } from "./load/mock_openai.ts";
import { startTemporaryStack } from "./load/temporary_stack.ts";
import { TurnClient } from "./load/turn_client.ts";
import { until } from "./load/until.ts";
import type { Stack } from "./stack.ts";
import { FlagsError, parseFlags, runTask } from "./task.ts";

const root = new URL("../", import.meta.url);

/** What the kinds of runs are recorded with. */
interface Scene {
  client: TurnClient;
  stack: Stack;
  provider: MockOpenAi;
  /** Of Temporal. */
  workflow: Client["workflow"];
}

/** Each kind of run by its name: runs one, and answers its workflow's id when it has ended, or will without more. */
type Kinds = Record<string, (scene: Scene) => Promise<string>>;

const asked = (model: string) => async ({ client }: Scene) => {
  const { turnId } = await client.ask({ text: `A turn for ${model}`, model });
  await client.untilEnded(turnId);
  return turnWorkflowId(turnId);
};

const kinds: Kinds = {
  answered: asked("demo"),
  fell_back: asked("falls-back"),
  rate_limited: asked("limited-once"),
  continued: asked("cut-twice"),
  stalled: asked("impatient"),
  refused: asked("refused"),
  woke_a_server: asked("sleeper"),
  async taken_over({ client, stack }) {
    const { turnId } = await client.ask({ text: "A turn that outlives the api", model: "slow" });
    await until("it is shown", 10_000, async () => (await client.turn(turnId)).attempts.length > 0);
    await stack.kill("api");
    await stack.untilReady("api");
    await client.untilEnded(turnId);
    return turnWorkflowId(turnId);
  },
  /** Written by the api, for longer than Temporal leaves a step without being told of it. */
  renewed: asked("slow"),
  /** The same, for longer than that may go on. */
  adopted: asked("long"),
  async cancelled({ client, workflow }) {
    const { turnId } = await client.ask({ text: "A turn that is cancelled", model: "slow" });
    await until("it runs", 10_000, async () => (await client.turn(turnId)).status === "running");
    await workflow.getHandle(turnWorkflowId(turnId)).cancel();
    await client.untilEnded(turnId);
    return turnWorkflowId(turnId);
  },
  async waited(scene) {
    const turnId = await waitingTurn(scene, "A turn that waits");
    scene.provider.behave({});
    await scene.client.untilEnded(turnId);
    return turnWorkflowId(turnId);
  },
  async answered_by_the_chosen(scene) {
    const turnId = await waitingTurn(scene, "A turn for which another model is chosen");
    await operate(scene.client, `/api/turns/${turnId}/model`, { model: "demo" });
    await scene.client.untilEnded(turnId);
    return turnWorkflowId(turnId);
  },
  async stopped({ client }) {
    const { turnId } = await client.ask({ text: "A turn that is stopped", model: "slow" });
    await until("it runs", 10_000, async () => (await client.turn(turnId)).status === "running");
    await client.stop(turnId, 3);
    await client.untilEnded(turnId);
    return turnWorkflowId(turnId);
  },
  async stopped_while_waiting(scene) {
    const turnId = await waitingTurn(scene, "A turn that gives up");
    await scene.client.stop(turnId);
    await scene.client.untilEnded(turnId);
    return turnWorkflowId(turnId);
  },
  async retried_many({ client }) {
    await operate(client, "/api/operations/retries", {
      id: "recorded",
      errorClass: "refused",
      limit: 5,
    });
    return retryWorkflowId("recorded");
  },
  async backtest({ client }) {
    await operate(client, "/api/operations/backtests", {
      id: "recorded",
      from: "1d",
      model: "demo",
      limit: 3,
      turnsPerMinute: 600,
    });
    return backtestWorkflowId("recorded");
  },
  async exported({ client }) {
    await client.request("PUT", "/api/me/consent", { given: true });
    await operate(client, "/api/exports", {
      id: "recorded",
      from: "1d",
      formats: ["jsonl", "parquet", "fine-tuning"],
      keepDays: 2 / 86_400,
    });
    return exportWorkflowId("recorded");
  },
};

async function waitingTurn({ client, provider }: Scene, text: string): Promise<string> {
  provider.behave({ error: { status: 503, body: { error: { message: "Down" } } } });
  const { turnId } = await client.ask({ text, model: "waits" });
  await until("it waits", 10_000, async () => (await client.turn(turnId)).status === "waiting");
  return turnId;
}

async function operate(client: TurnClient, path: string, body: unknown): Promise<void> {
  const response = await client.request("POST", path, body);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

/** It writes for twelve seconds. */
const long = "{ provider: simulated, parameters: { firstTokenMs: 10, tokenMs: 40, tokens: 300 } }";

/** The models of the tests, and one whose server sleeps before it is asked. */
async function modelsWith(sleeper: FakeVllm): Promise<string> {
  const models = await Deno.readTextFile(new URL("tests/fixtures/turnlog.yaml", root));
  return models
    .replace(
      "providers:",
      `providers:\n  sleeper: { kind: openai, baseUrl: "${sleeper.url}", vllm: true }`,
    )
    .replace("models:", `models:\n  sleeper: { provider: sleeper, name: tiny }\n  long: ${long}`);
}

async function main(version: string): Promise<void> {
  const folder = new URL(`tests/histories/${version}/`, root);
  await Deno.mkdir(folder, { recursive: true });
  const provider = startMockOpenAi();
  await using sleeper = new FakeVllm();
  const { stack, stop } = await startTemporaryStack({
    models: await modelsWith(sleeper),
    variables: { VLLM_URL: provider.url },
  });
  const connection = await NativeConnection.connect({ address: stack.addresses.temporal });
  try {
    const { workflow } = new Client({ connection });
    const client = await TurnClient.connect(stack.url);
    await operate(client, "/api/operations/models/sleeper/sleep", {});
    for (const [name, run] of Object.entries(kinds)) {
      const handle = workflow.getHandle(await run({ client, stack, provider, workflow }));
      await until(
        "its run has closed",
        30_000,
        async () => (await handle.describe()).status.name !== "RUNNING",
      );
      // Stacks of errors name this machine's folders.
      const history = historyToJSON(await handle.fetchHistory()).replaceAll(root.pathname, "/app/");
      await Deno.writeTextFile(new URL(`${name}.json`, folder), `${history}\n`);
      console.log(`${name}: recorded`);
    }
  } finally {
    await connection.close();
    await stop();
    await provider.close();
  }
}

const usage = "usage: deno task record-histories VERSION";

if (import.meta.main) {
  await runTask({
    usage,
    run: async (args) => {
      const { positionals: [version = ""] } = parseFlags({ args, allowPositionals: true });
      if (!/^\d+\.\d+\.\d+$/.test(version)) {
        throw new FlagsError("Cannot record histories: name the version, such as 0.1.0");
      }
      await main(version);
    },
  });
}
