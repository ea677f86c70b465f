import assert from "node:assert/strict";
import { parseConfig } from "../api/config_file.ts";
import { SettingsError } from "../events/read_settings.ts";
import { checkSettings } from "./check_settings.ts";
import { allRoles, readStackSettings } from "./config.ts";

const config = parseConfig(
  `
providers:
  local: { kind: openai, baseUrl: "\${VLLM_URL}" }
models:
  local: { provider: local }
routes:
  default: { candidates: [local] }
`,
  "turnlog.yaml",
);

function check(environment: Record<string, string>): void {
  checkSettings(allRoles, config, {
    settings: readStackSettings(environment),
    addresses: {
      temporal: "127.0.0.1:7233",
      temporalUi: undefined,
      kafka: "127.0.0.1:9092",
      clickhouse: "http://127.0.0.1:8123",
      clickhouseForWriting: "http://127.0.0.1:8123",
    },
    runFolder: "run",
    environment,
  });
}

Deno.test("settings that every process can use pass, with and without addresses", () => {
  check({});
  check({ VLLM_URL: "http://127.0.0.1:8001", TURNLOG_LOG_LEVEL: "debug" });
});

Deno.test("what any of the processes would refuse is told at once, each setting once", () => {
  const wrong = {
    TURNLOG_LOG_LEVEL: "loud",
    TURNLOG_SECRET: "short-secret",
    TURNLOG_WORKER_TURNS: "many",
    VLLM_URL: "notaurl",
  };
  assert.throws(() => check(wrong), (error: Error) => {
    assert.ok(error instanceof SettingsError);
    assert.equal(error.problems.length, 4, error.message);
    for (const name of Object.keys(wrong)) assert.ok(error.message.includes(name), name);
    assert.doesNotMatch(error.message, /short-secret/);
    return true;
  });
});
