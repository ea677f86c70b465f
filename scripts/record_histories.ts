/**
 * Records the histories of turns of every kind, for the tests to replay: the workflow code of a later version must be able
 * to go on with them. Run it once for each released version, and never change what it wrote for an earlier one.
 *
 * usage: deno task record-histories <version>
 */
import { Client } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { NativeConnection } from "@temporalio/worker";
import { turnWorkflowId } from "../events/contract/names.ts";
import { startMockOpenAi } from "./load/mock_openai.ts";
import { startTemporaryStack } from "./load/temporary_stack.ts";
import { TurnClient } from "./load/turn_client.ts";
import { until } from "./load/until.ts";

const root = new URL("../", import.meta.url);

/** Each kind of turn by its name: runs one, and answers its id when it has ended. */
type Kinds = Record<string, (client: TurnClient) => Promise<string>>;

function kindsOf(provider: ReturnType<typeof startMockOpenAi>): Kinds {
  const asked = (model: string) => async (client: TurnClient) => {
    const { turnId } = await client.ask({ text: `A turn for ${model}`, model });
    await client.untilEnded(turnId);
    return turnId;
  };
  return {
    answered: asked("demo"),
    fell_back: asked("falls-back"),
    rate_limited: asked("limited-once"),
    continued: asked("cut-twice"),
    stalled: asked("impatient"),
    refused: asked("refused"),
    async waited(client) {
      provider.behave({ error: { status: 503, body: { error: { message: "Down" } } } });
      const { turnId } = await client.ask({ text: "A turn that waits", model: "waits" });
      await until("it waits", 10_000, async () => (await client.turn(turnId)).status === "waiting");
      provider.behave({});
      await client.untilEnded(turnId);
      return turnId;
    },
    async stopped(client) {
      const { turnId } = await client.ask({ text: "A turn that is stopped", model: "slow" });
      await until("it runs", 10_000, async () => (await client.turn(turnId)).status === "running");
      await client.stop(turnId, 3);
      await client.untilEnded(turnId);
      return turnId;
    },
    async stopped_while_waiting(client) {
      provider.behave({ error: { status: 503, body: { error: { message: "Down" } } } });
      const { turnId } = await client.ask({ text: "A turn that gives up", model: "waits" });
      await until("it waits", 10_000, async () => (await client.turn(turnId)).status === "waiting");
      await client.stop(turnId);
      await client.untilEnded(turnId);
      return turnId;
    },
  };
}

async function main(version: string): Promise<void> {
  const folder = new URL(`tests/histories/${version}/`, root);
  await Deno.mkdir(folder, { recursive: true });
  const provider = startMockOpenAi();
  const { stack, stop } = await startTemporaryStack({
    models: await Deno.readTextFile(new URL("tests/fixtures/turnlog.yaml", root)),
    variables: { VLLM_URL: provider.url },
  });
  const connection = await NativeConnection.connect({ address: stack.addresses.temporal });
  try {
    const { workflow } = new Client({ connection });
    const client = await TurnClient.connect(stack.url);
    for (const [name, run] of Object.entries(kindsOf(provider))) {
      const workflowId = turnWorkflowId(await run(client));
      const handle = workflow.getHandle(workflowId);
      await until(
        "its run has closed",
        10_000,
        async () => (await handle.describe()).status.name !== "RUNNING",
      );
      const history = historyToJSON(await handle.fetchHistory());
      await Deno.writeTextFile(new URL(`${name}.json`, folder), `${history}\n`);
      console.log(`${name}: recorded`);
    }
  } finally {
    await connection.close();
    await stop();
    await provider.close();
  }
}

if (import.meta.main) {
  const [version] = Deno.args;
  if (!/^\d+\.\d+\.\d+$/.test(version ?? "")) {
    console.error("Cannot record histories: name the version, such as 0.1.0");
    Deno.exit(2);
  }
  await main(version);
  Deno.exit(0);
}
