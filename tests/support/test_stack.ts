/** A whole Turnlog for one test file: its own engines, ports and folder, and a provider that does as it is told. */
import { createClient } from "@clickhouse/client";
import { fileURLToPath } from "node:url";
import { readTestEnvironment } from "../../scripts/config.ts";
import { silentOutput } from "../../scripts/output.ts";
import { freePortVariables } from "../../scripts/ports.ts";
import { type Stack, startStack } from "../../scripts/stack.ts";
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

/** @param changed Settings beside those of every test. */
export async function startTestStack(changed: Record<string, string> = {}): Promise<TestStack> {
  const provider = startMockOpenAi();
  const data = await Deno.makeTempDir({ prefix: "turnlog_test_" });
  const lines: string[] = [];
  const stack = await startStack({
    environment: {
      ...readTestEnvironment(),
      ...freePortVariables(),
      TURNLOG_DATA: data,
      TURNLOG_CONFIG: fileURLToPath(new URL("../fixtures/turnlog.yaml", import.meta.url)),
      VLLM_URL: provider.url,
      ...changed,
    },
    output: silentOutput,
    onLine: (name, line) => lines.push(`${name} | ${line}`),
  });
  const clickhouse = createClient({
    url: `http://${new URL(stack.variables.CLICKHOUSE_URL).host}`,
  });
  return {
    stack,
    provider,
    lines,
    client: await TurnClient.connect(stack.url),
    async query<Row>(sql: string) {
      const result = await clickhouse.query({ query: sql, format: "JSONEachRow" });
      return await result.json<Row>();
    },
    async stop() {
      await clickhouse.close();
      await stack.stop();
      await provider.close();
      await Deno.remove(data, { recursive: true });
    },
  };
}
