/** A whole Turnlog for one test file: its own engines, ports and folder, and a provider that does as it is told. */
import { connectClickHouse, rowsOf } from "../../analytics/clickhouse.ts";
import { startTemporaryStack } from "../../scripts/load/temporary_stack.ts";
import type { Stack } from "../../scripts/stack.ts";
import { type MockOpenAi, startMockOpenAi } from "../../scripts/load/mock_openai.ts";
import { TurnClient } from "../../scripts/load/turn_client.ts";

export interface TestStack {
  stack: Stack;
  client: TurnClient;
  provider: MockOpenAi;
  /** What the processes have printed. */
  lines: string[];
  /** Reads ClickHouse as an analyst does: the embedded server, with the official client, read-only. */
  query<Row>(sql: string): Promise<Row[]>;
  stop(): Promise<void>;
}

/** @param variables Settings beside those that every test has. */
export async function startTestStack(
  variables: Record<string, string> = {},
): Promise<TestStack> {
  const provider = startMockOpenAi();
  const lines: string[] = [];
  const { stack, stop } = await startTemporaryStack({
    models: await Deno.readTextFile(new URL("../fixtures/turnlog.yaml", import.meta.url)),
    variables: { VLLM_URL: provider.url, ...variables },
    onLine: (name, line) => lines.push(`${name} | ${line}`),
  });
  const clickhouse = connectClickHouse(stack.addresses.clickhouse);
  return {
    stack,
    provider,
    lines,
    client: await TurnClient.connect(stack.url),
    query<Row>(sql: string) {
      return rowsOf<Row>(clickhouse, sql);
    },
    async stop() {
      await clickhouse.close();
      await stop();
      await provider.close();
    },
  };
}
