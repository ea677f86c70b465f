/** Ingestion, the broker and ClickHouse killed with SIGKILL, alone and together, while events flow: each is in ClickHouse once. */
import assert from "node:assert/strict";
import { ingestKills, runIngestChaos } from "../scripts/load/ingest_chaos.ts";
import { startTemporaryStack } from "../scripts/load/temporary_stack.ts";

Deno.test("twenty thousand events outlive a kill of each and of both engines at once, and what was sent broken is set aside once", async () => {
  const { stack, stop } = await startTemporaryStack({
    models: "",
    engines: ["kafka", "clickhouse"],
    roles: ["ingest"],
  });
  try {
    const { problems, ...counts } = await runIngestChaos({
      stack,
      turns: 4000,
      kills: ingestKills,
      pauseMsMax: 1000,
      random: Math.random,
      log: () => {},
    });
    assert.deepEqual(problems, []);
    assert.equal(counts.events, 20_000);
    assert.equal(counts.brokenMessages, 10);
  } finally {
    await stop();
  }
});
