import assert from "node:assert/strict";
import { readStackSettings } from "./config.ts";
import { engineAddresses, withoutAddress } from "./engine_addresses.ts";
import { enginePorts, neededEngines } from "./stack_engines.ts";

Deno.test("an engine that no role needs is not started", () => {
  assert.deepEqual(neededEngines(["api", "worker", "ingest"]), ["temporal", "kafka", "clickhouse"]);
  assert.deepEqual(neededEngines(["worker"]), ["temporal", "kafka"]);
  assert.deepEqual(neededEngines(["ingest"]), ["kafka", "clickhouse"]);
  assert.deepEqual(neededEngines([]), []);
});

Deno.test("an engine whose address is set is not started, and its ports are nobody's concern", () => {
  const settings = readStackSettings({
    TEMPORAL_ADDRESS: "temporal.example:7233",
    CLICKHOUSE_URL: "https://analyst:secret@clickhouse.example:8443",
  });
  const embedded = withoutAddress(["temporal", "kafka", "clickhouse"], settings);
  assert.deepEqual(embedded, ["kafka"]);
  assert.deepEqual(enginePorts(embedded, settings).map(({ port }) => port), [9092]);
  const addresses = engineAddresses(embedded, settings);
  assert.equal(addresses.temporal, "temporal.example:7233");
  assert.equal(addresses.temporalUi, undefined);
  assert.equal(addresses.kafka, "127.0.0.1:9092");
  assert.equal(addresses.clickhouse, "https://analyst:secret@clickhouse.example:8443");
});

Deno.test("who writes to the embedded ClickHouse has a password, who reads has none", () => {
  const data = Deno.makeTempDirSync();
  try {
    const settings = readStackSettings({ TURNLOG_DATA: data });
    const first = engineAddresses(["clickhouse"], settings);
    assert.equal(first.clickhouse, "http://127.0.0.1:8123");
    assert.match(first.clickhouseForWriting, /^http:\/\/turnlog:[0-9a-f]{48}@127\.0\.0\.1:8123$/);
    assert.deepEqual(engineAddresses(["clickhouse"], settings), first);
    assert.equal(Deno.statSync(`${data}/clickhouse/password`).mode! & 0o777, 0o600);
  } finally {
    Deno.removeSync(data, { recursive: true });
  }
});

Deno.test("who reads a ClickHouse that runs already may be another user than who writes", () => {
  const settings = readStackSettings({
    CLICKHOUSE_URL: "http://turnlog:secret@clickhouse.example:8123",
    CLICKHOUSE_READER_URL: "http://reader:word@clickhouse.example:8123",
  });
  const { clickhouse, clickhouseForWriting } = engineAddresses([], settings);
  assert.equal(clickhouse, "http://reader:word@clickhouse.example:8123");
  assert.equal(clickhouseForWriting, "http://turnlog:secret@clickhouse.example:8123");
});
