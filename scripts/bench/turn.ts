/**
 * How soon a provider is asked, and how soon its words are there: from the POST to the provider's socket, beside a bare
 * start of a workflow until its activity runs, one after the other on the same server; and from the provider's socket to
 * the browser's.
 */
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import { fileURLToPath } from "node:url";
import type { MockOpenAi } from "../load/mock_openai.ts";
import { TurnClient } from "../load/turn_client.ts";
import type { Stack } from "../stack.ts";
import { type Figure, quantile, wallClockMs } from "./measurement.ts";

const rounds = 60;
const warmUpRounds = 10;
const answer = { firstTokenMs: 20, tokenMs: 20, tokens: 25 };

export const models = `
providers:
  mock: { kind: openai, baseUrl: "\${VLLM_URL}", vllm: true }
models:
  mock: { provider: mock, name: mock-model }
routes:
  default: { candidates: [mock] }
`;

/** @param stack Uses the models above, with the provider's address as VLLM_URL. */
export async function measureTurn(
  stack: Stack,
  mock: MockOpenAi,
): Promise<Figure[]> {
  mock.behave(answer);
  const taskQueue = `bare-${crypto.randomUUID()}`;
  const bareWorker = await startBareWorker(stack.addresses.temporal, taskQueue);
  const connection = await NativeConnection.connect({ address: stack.addresses.temporal });
  const temporal = new Client({ connection });
  const client = await TurnClient.connect(stack.url);
  const toProvider: number[] = [];
  const bareToActivity: number[] = [];
  const deltas: number[] = [];
  try {
    const conversationId = await client.conversation();
    for (let round = 0; round < rounds + warmUpRounds; round++) {
      const postedMs = performance.now();
      const { turnId } = await client.send(conversationId, {
        text: `Round ${round}`,
        parentTurnId: null,
      });
      const parts = await client.read(turnId);
      const request = mock.requests.at(-1)!;

      const startedMs = wallClockMs();
      const handle = await temporal.workflow.start("bare", {
        taskQueue,
        workflowId: `bare-${crypto.randomUUID()}`,
      });
      const activityMs: number = await handle.result();

      if (round < warmUpRounds) continue;
      toProvider.push(request.receivedMs - postedMs);
      bareToActivity.push(activityMs - startedMs);
      parts.filter(({ part }) => part.type === "text-delta")
        .forEach(({ receivedMs }, index) => deltas.push(receivedMs - request.sentMs[index]));
      await new Promise((resolve) => setTimeout(resolve, answer.tokens * answer.tokenMs));
    }
  } finally {
    await connection.close();
    bareWorker.kill("SIGTERM");
    await bareWorker.status;
  }
  return [
    {
      what: "POST of a message until the provider's socket has the request, p50",
      value: quantile(toProvider),
      unit: "ms",
      against: {
        what: "a bare start of a workflow until its activity runs, p50",
        value: quantile(bareToActivity),
      },
    },
    {
      what: "the same, p95",
      value: quantile(toProvider, 0.95),
      unit: "ms",
      against: { what: "the same, p95", value: quantile(bareToActivity, 0.95) },
    },
    {
      what: "a word from the provider's socket to the browser's, p50",
      value: quantile(deltas),
      unit: "ms",
      against: { what: "aim", value: 10 },
    },
    {
      what: "the same, p95",
      value: quantile(deltas, 0.95),
      unit: "ms",
    },
  ];
}

async function startBareWorker(address: string, taskQueue: string): Promise<Deno.ChildProcess> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      fileURLToPath(new URL("bare_worker.ts", import.meta.url)),
      address,
      taskQueue,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return process;
}
