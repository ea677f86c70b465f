import assert from "node:assert/strict";
import { until } from "../scripts/load/until.ts";
import { startTestStack } from "./support/test_stack.ts";

interface SampleRow {
  component: string;
  memory_bytes: number;
  cpu_share: number;
  calls_under_way: number | null;
  events_unpublished: number | null;
  events_not_ingested: number | null;
}

Deno.test("every process states how it fares, and ingestion how the engines do, and it is in ClickHouse seconds later", async () => {
  const { query, stop } = await startTestStack({ TURNLOG_SAMPLE_SECONDS: "1" });
  try {
    const rows = await until("all processes have stated it", 30_000, async () => {
      const rows = await query<SampleRow>(
        `SELECT component, any(memory_bytes) AS memory_bytes, any(cpu_share) AS cpu_share,
           any(calls_under_way) AS calls_under_way, any(events_unpublished) AS events_unpublished,
           any(events_not_ingested) AS events_not_ingested
         FROM events FINAL
         WHERE event_type = 'system.sampled' AND component IN ('api', 'worker', 'ingest')
         GROUP BY component ORDER BY component`,
      );
      return rows.length === 3 && rows;
    });
    assert.deepEqual(rows.map(({ component }) => component), ["api", "ingest", "worker"]);
    for (const { component, memory_bytes, cpu_share, ...waiting } of rows) {
      assert.ok(memory_bytes > 10_000_000 && cpu_share >= 0, component);
      const callers = { calls_under_way: 0, events_unpublished: 0, events_not_ingested: null };
      const ingest = { calls_under_way: null, events_unpublished: null, events_not_ingested: 0 };
      assert.deepEqual(waiting, component === "ingest" ? ingest : callers);
    }
    if (Deno.build.os !== "linux") return;
    const engines = await until("ingestion has stated the engines twice", 30_000, async () => {
      const rows = await query<{ component: string; memory: number; share: number }>(
        `SELECT component, any(memory_bytes) AS memory, any(cpu_share) AS share
         FROM events FINAL
         WHERE event_type = 'system.sampled' AND component IN ('temporal', 'kafka', 'clickhouse')
           AND cpu_share IS NOT NULL
         GROUP BY component ORDER BY component`,
      );
      return rows.length === 3 && rows;
    });
    for (const { component, memory, share } of engines) {
      assert.ok(memory > 10_000_000 && share >= 0, component);
    }
  } finally {
    await stop();
  }
});
