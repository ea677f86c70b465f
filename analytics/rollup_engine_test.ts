/** Which events the views take from the rollup's copy, and which from the table of events. */
import assert from "node:assert/strict";
import { createTemporaryDatabase, type TemporaryDatabase } from "./testing/temporary_database.ts";
import { migrate } from "./migrate.ts";
import { refreshRollup } from "./rollup.ts";

const views = new URL("views/", import.meta.url);

/** Inserts messages, by the minutes at which they were sent. */
async function insert(
  { client }: TemporaryDatabase,
  minutes: readonly string[],
  columns: object = { ingested_at: "2026-01-01 00:00:00.000" },
): Promise<void> {
  const values = minutes.map((minute) => ({
    event_id: crypto.randomUUID(),
    event_type: "message.sent",
    event_time: `2026-11-23 ${minute}:00.000`,
    ...columns,
  }));
  await client.insert({ table: "events", values, format: "JSONEachRow" });
}

/** @returns How many messages are counted, by the minutes at which they were sent. */
async function counted({ rows }: TemporaryDatabase): Promise<Record<string, number>> {
  const counts = await rows<{ minute: string; n: number }>(
    `SELECT formatDateTime(event_time, '%H:%i') AS minute, count() AS n
     FROM counted_events(from = '2026-11-23 00:00:00', to = '2026-11-24 00:00:00')
     WHERE event_type = 'message.sent' GROUP BY minute ORDER BY minute`,
  );
  return Object.fromEntries(counts.map(({ minute, n }) => [minute, n]));
}

Deno.test("whole hours are counted from the copy, and an hour with a late event from the events", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  await insert(database, ["08:10", "09:10", "09:20"]);
  assert.deepEqual(await counted(database), { "08:10": 1, "09:10": 1, "09:20": 1 });

  await refreshRollup(database.client);
  // What is not in the events any more can only be counted from the copy.
  await database.client.command({ query: "TRUNCATE TABLE events" });
  assert.deepEqual(await counted(database), { "08:10": 1, "09:10": 1, "09:20": 1 });
  await insert(database, ["09:30"], {});
  assert.deepEqual(await counted(database), { "08:10": 1, "09:30": 1 });

  await refreshRollup(database.client);
  assert.deepEqual(await counted(database), { "09:30": 1 });
});

Deno.test("a copy that was broken off is not read, nor one that is old", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  for (const view of ["event_rollup_refresh", "event_rollup_copies_refresh"]) {
    await database.client.command({ query: `SYSTEM STOP VIEW ${view}` });
  }
  await insert(database, ["08:10"]);
  const copy = async (countedAt: string, minute: string) =>
    await database.client.command({
      query: `INSERT INTO event_rollup (counted_at, event_type, event_time)
        SELECT ${countedAt}, 'message.sent', '2026-11-23 ${minute}:00'`,
    });
  await copy("now64(3)", "07:00");
  assert.deepEqual(await counted(database), { "08:10": 1 });

  await copy("now64(3) - INTERVAL 91 MINUTE", "06:00");
  await database.client.command({
    query:
      "INSERT INTO event_rollup_copies SELECT DISTINCT counted_at FROM event_rollup WHERE event_time < '2026-11-23 07:00:00'",
  });
  assert.deepEqual(await counted(database), { "08:10": 1 });
});

Deno.test("what backtests do is in no copy", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  await insert(database, ["08:10"]);
  await insert(database, ["08:20"], {
    ingested_at: "2026-01-01 00:00:00.000",
    backtest_id: "nightly",
  });
  assert.deepEqual(await counted(database), { "08:10": 1 });
  await refreshRollup(database.client);
  await database.client.command({ query: "TRUNCATE TABLE events" });
  assert.deepEqual(await counted(database), { "08:10": 1 });
});

Deno.test("the turns of a model are the same with a copy, without one, and with later events", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  const longAgo = { ingested_at: "2026-01-01 00:00:00.000" };
  const call = (turn_id: string, attempt: number, model: string) => (
    { event_type: "attempt.started", turn_id, attempt, model }
  );
  const turnsOf = async (model: string) => {
    const [{ turns }] = await database.rows<{ turns: number }>(
      `SELECT toUInt32(sum(turns)) AS turns FROM turns_over_time(
         from = '2026-11-23 00:00:00', to = '2026-11-24 00:00:00', bucket = 3600,
         model = '${model}', experiment = '', variant = '')`,
    );
    return turns;
  };
  await insert(database, ["08:10"], { turn_id: "moved on", ...longAgo });
  await insert(database, ["08:11"], { ...call("moved on", 1, "llama"), ...longAgo });
  await insert(database, ["08:12"], { ...call("moved on", 2, "gpt"), ...longAgo });
  await insert(database, ["08:20"], { turn_id: "called later", ...longAgo });
  await insert(database, ["08:31"], { ...call("told late", 1, "llama"), ...longAgo });
  assert.deepEqual([await turnsOf("llama"), await turnsOf("gpt")], [1, 1]);

  await refreshRollup(database.client);
  assert.deepEqual([await turnsOf("llama"), await turnsOf("gpt")], [1, 1]);
  await insert(database, ["09:20"], call("called later", 1, "llama"));
  await insert(database, ["10:30"], { turn_id: "told late" });
  assert.deepEqual([await turnsOf("llama"), await turnsOf("gpt")], [3, 1]);

  await refreshRollup(database.client);
  // What is not in the events any more can only be counted from the copy.
  await database.client.command({ query: "TRUNCATE TABLE events" });
  assert.deepEqual([await turnsOf("llama"), await turnsOf("gpt")], [3, 1]);
});

/** An event that has something in every column that is charted. */
const whole = {
  event_id: crypto.randomUUID(),
  event_type: "attempt.completed",
  event_time: "2026-11-23 08:10:00.000",
  ingested_at: "2026-11-23 08:10:00.700",
  user_key: "user",
  conversation_id: "conversation",
  turn_id: "turn",
  attempt: 2,
  variants: { tone: "brief" },
  provider: "local",
  endpoint: "http://127.0.0.1:8000/v1",
  model: "llama",
  outcome: "completed",
  error_class: "overloaded",
  rating: "up",
  is_fallback: true,
  is_continuation: true,
  regenerated_from_turn_id: "before",
  is_from_program: true,
  time_to_first_token_ms: 1.5,
  duration_ms: 2.5,
  wait_ms: 3.5,
  input_tokens: 4,
  output_tokens: 5,
  cached_tokens: 6,
  reasoning_tokens: 7,
  cost_usd: "0.000000000008",
};

Deno.test("the copy tells of an event, column by column, what the table tells", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  // The model that the turn called first is the copy's alone to tell.
  const tell = async () =>
    (await database.rows<Record<string, unknown>>(
      "SELECT * EXCEPT (first_model) FROM counted_events(from = '2026-11-23 00:00:00', to = '2026-11-24 00:00:00')",
    ))[0];
  const values = [whole];
  await database.client.insert({ table: "events", values, format: "JSONEachRow" });
  const ofTable = await tell();
  await refreshRollup(database.client);
  await database.client.command({ query: "TRUNCATE TABLE events" });
  assert.deepEqual(await tell(), ofTable);
  for (const [column, value] of Object.entries(ofTable)) {
    const isTold = value !== null && !["0", "false", "", "{}"].includes(
      typeof value === "object" ? JSON.stringify(value) : String(value),
    );
    assert.ok(isTold, `${column} is ${value}: give the event of this test something there`);
  }
});

Deno.test("the copy has all types of events that views ask it for", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  const asked = new Set<string>();
  for await (const { name } of Deno.readDir(views)) {
    const sql = await Deno.readTextFile(new URL(name, views));
    if (!sql.includes("FROM counted_events(")) continue;
    for (const [, type] of sql.matchAll(/'([a-z]+\.[a-z_]+)'/g)) asked.add(type);
  }
  const values = [...asked].map((event_type) => ({
    ...whole,
    event_id: crypto.randomUUID(),
    event_type,
  }));
  assert.ok(values.length > 1);
  await database.client.insert({ table: "events", values, format: "JSONEachRow" });
  await refreshRollup(database.client);
  const copied = await database.rows<{ event_type: string }>(
    "SELECT event_type FROM event_rollup WHERE counted_at = (SELECT counted_at FROM counted_copy)",
  );
  assert.deepEqual(copied.map(({ event_type }) => event_type).sort(), [...asked].sort());
});
