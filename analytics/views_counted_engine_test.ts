/** The views' numbers against the same events, generated, counted by other code. */
import assert from "node:assert/strict";
import { generateTurns } from "./testing/generated_turns.ts";
import { createViewDatabase } from "./testing/view_database.ts";

const bucketMs = 600_000;
const dayMs = 86_400_000;
/** The events reach over both ends of the range, and the ends are in the middle of a bucket. */
const firstMs = Date.parse("2026-11-22T20:00:00Z");
const range = {
  from: Date.parse("2026-11-22T20:25:30.500Z"),
  to: Date.parse("2026-11-23T03:44:10.250Z"),
};
const lastMs = Date.parse("2026-11-23T04:30:00Z");

Deno.test("the views count what another count finds in the same events", async (test) => {
  const events = generateTurns({ firstMs, lastMs });
  await using database = await createViewDatabase(events);
  const inRange = events.filter(({ time }) => isIn(time));
  const view = (name: string) =>
    database.view(name, {
      from: new Date(range.from).toISOString(),
      to: new Date(range.to).toISOString(),
      bucket: bucketMs / 1000,
    });

  await test.step("turns_over_time counts messages, users and conversations", async () => {
    const sent = inRange.filter(({ type }) => type === "message.sent");
    assert.ok(sent.length > 100);
    assert.deepEqual(
      await view("turns_over_time"),
      buckets().map((time) => {
        const here = sent.filter((event) => bucketOf(event.time) === time);
        return {
          time,
          turns: here.length,
          users: new Set(here.map(({ userKey }) => userKey)).size,
          conversations: new Set(here.map(({ conversationId }) => conversationId)).size,
        };
      }),
    );
  });

  await test.step("outcomes and fallback_rate count each turn once, at its last end", async () => {
    const ends = new Map<string, { time: string; outcome: string }>();
    for (const { type, turnId, time } of inRange.toSorted((a, b) => a.time < b.time ? -1 : 1)) {
      const outcome = /^turn\.(completed|failed|stopped)$/.exec(type)?.[1];
      if (outcome) ends.set(turnId!, { time, outcome });
    }
    const fellBack = new Set(
      events.flatMap((event) =>
        (event.type === "attempt.completed" || event.type === "attempt.failed") &&
          event.data.isFallback && Date.parse(event.time) < range.to
          ? [event.turnId]
          : []
      ),
    );
    const expected = buckets().map((time) => {
      const here = [...ends].filter(([, end]) => bucketOf(end.time) === time);
      const count = (outcome: string) => here.filter(([, end]) => end.outcome === outcome).length;
      const fallbacks = here.filter(([turnId]) => fellBack.has(turnId)).length;
      return {
        time,
        turns: here.length,
        completed: count("completed"),
        stopped: count("stopped"),
        failed: count("failed"),
        fallback_turns: fallbacks,
        continued_turns: 0,
        fallback_rate: here.length > 0 ? fallbacks / here.length : null,
        continuation_rate: here.length > 0 ? 0 : null,
        failure_rate: here.length > 0 ? count("failed") / here.length : null,
      };
    });
    for (const column of ["completed", "stopped", "failed", "fallback_turns"] as const) {
      assert.ok(expected.some((row) => row[column] > 0), `no ${column} to count`);
    }
    assert.deepEqual(await view("outcomes"), expected);
    assert.deepEqual(
      await view("fallback_rate"),
      expected.map(({ completed: _, stopped: __, failed, ...row }) => ({
        ...row,
        failed_turns: failed,
      })),
    );
  });

  await test.step("error_classes counts failed attempts by the class of their error", async () => {
    const failed = inRange.filter((event) => event.type === "attempt.failed");
    const groups = groupBy(failed, ({ time, data }) => [bucketOf(time), data.error.class]);
    assert.ok(groups.length > 5);
    assert.deepEqual(
      await view("error_classes"),
      groups.map(({ key: [time, error_class], items }) => ({
        time,
        error_class,
        attempts: items.length,
        turns: new Set(items.map(({ turnId }) => turnId)).size,
      })),
    );
  });

  const ended = inRange.filter((event) =>
    event.type === "attempt.completed" || event.type === "attempt.failed"
  );

  await test.step("latency_by_model and total_latency_by_model take exact percentiles", async () => {
    const expected = groupBy(ended, ({ time, data }) => [bucketOf(time), data.model]).map(
      ({ key: [time, model], items }) => {
        const firstToken = items.map(({ data }) => data.timeToFirstTokenMs);
        const total = items.map((event) =>
          event.type === "attempt.completed" && event.data.finishReason.unified !== "stopped"
            ? event.data.durationMs
            : null
        );
        return {
          time,
          model,
          attempts: items.length,
          time_to_first_token_ms_p50: percentile(firstToken, 0.5),
          time_to_first_token_ms_p95: percentile(firstToken, 0.95),
          time_to_first_token_ms_p99: percentile(firstToken, 0.99),
          duration_ms_p50: percentile(total, 0.5),
          duration_ms_p95: percentile(total, 0.95),
          duration_ms_p99: percentile(total, 0.99),
        };
      },
    );
    assert.ok(expected.some((row) => row.duration_ms_p50 === null), "no group without a total");
    assert.deepEqual(await view("latency_by_model"), expected);
    assert.deepEqual(
      await view("total_latency_by_model"),
      expected.map((
        { time, model, attempts, duration_ms_p50, duration_ms_p95, duration_ms_p99 },
      ) => ({
        time,
        model,
        attempts,
        duration_ms_p50,
        duration_ms_p95,
        duration_ms_p99,
      })),
    );
  });

  await test.step("tokens_and_cost_by_model and tokens_by_model sum attempts, and no turn again", async () => {
    const day = (time: string) => asTime(Math.floor(Date.parse(time) / dayMs) * dayMs);
    const expected = groupBy(ended, ({ time, data }) => [day(time), data.model]).map(
      ({ key: [time, model], items }) => {
        const sum = (of: (data: typeof items[number]["data"]) => number) =>
          items.reduce((total, { data }) => total + of(data), 0);
        return {
          time,
          model,
          attempts: items.length,
          input_tokens: sum(({ usage }) => usage.inputTokens),
          output_tokens: sum(({ usage }) => usage.outputTokens),
          cached_tokens: sum(({ usage }) => usage.cachedTokens),
          reasoning_tokens: sum(({ usage }) => usage.reasoningTokens),
          // Costs are whole millionths of a dollar here, so that this sum is exact too.
          cost_usd: Math.round(sum(({ costUsd }) => costUsd * 1e6)) / 1e6,
        };
      },
    );
    assert.equal(new Set(expected.map(({ time }) => time)).size, 2);
    assert.deepEqual(await view("tokens_and_cost_by_model"), expected);
    assert.deepEqual(
      await view("tokens_by_model"),
      expected.map(({ cost_usd: _, ...row }) => row),
    );
  });

  await test.step("ingestion_lag measures from the time of a turn's end to its insert", async () => {
    const ingested = new Map(
      (await database.rows<{ event_id: string; ms: number }>(
        "SELECT event_id, toUnixTimestamp64Milli(ingested_at) AS ms FROM events FINAL",
      )).map(({ event_id, ms }) => [event_id, ms]),
    );
    assert.deepEqual(
      await view("ingestion_lag"),
      buckets().map((time) => {
        const lags = inRange
          .filter(({ type, time: at }) =>
            /^turn\.(completed|failed|stopped)$/.test(type) && bucketOf(at) === time
          )
          .map(({ id, time }) => Math.max(0, ingested.get(id)! - Date.parse(time)));
        return {
          time,
          turn_ends: lags.length,
          lag_ms_p50: percentile(lags, 0.5),
          lag_ms_p95: percentile(lags, 0.95),
          lag_ms_max: lags.length > 0 ? Math.max(...lags) : null,
        };
      }),
    );
  });
});

function isIn(time: string): boolean {
  return Date.parse(time) >= range.from && Date.parse(time) < range.to;
}

function bucketOf(time: string): string {
  return asTime(Math.floor(Date.parse(time) / bucketMs) * bucketMs);
}

/** Every bucket of the range, with events or without. */
function buckets(): string[] {
  const first = Math.floor(range.from / bucketMs) * bucketMs;
  return Array.from(
    { length: Math.ceil((range.to - first) / bucketMs) },
    (_, index) => asTime(first + index * bucketMs),
  );
}

/** As ClickHouse writes a time, with so many digits of a second. */
function asTime(ms: number, digits = 0): string {
  return new Date(ms).toISOString().replace("T", " ").slice(0, digits > 0 ? 20 + digits : 19);
}

/** ClickHouse's exact quantile: the value at this share of the ordered ones, with none between two. */
function percentile(values: (number | null)[], level: number): number | null {
  const ordered = values.filter((value) => value !== null).sort((a, b) => a - b);
  return ordered[Math.floor(level * ordered.length)] ?? null;
}

function groupBy<Item>(items: Item[], keyOf: (item: Item) => [string, string]) {
  const groups = Map.groupBy(items, (item) => JSON.stringify(keyOf(item)));
  return [...groups].map(([key, items]) => ({ key: JSON.parse(key) as [string, string], items }))
    .sort((a, b) => a.key.join(" ") < b.key.join(" ") ? -1 : 1);
}
