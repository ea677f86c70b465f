import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { migrate } from "./migrate.ts";
import { createTemporaryDatabase, type TemporaryDatabase } from "./testing/temporary_database.ts";

/** Files of SQL in folders of their own, which a test may change. */
async function temporaryFiles() {
  const root = await Deno.makeTempDir({ prefix: "turnlog_migrations_" });
  const folder = (name: string) => pathToFileURL(`${root}/${name}/`);
  await Promise.all(["migrations", "views"].map((name) => Deno.mkdir(folder(name))));
  return {
    migrations: folder("migrations"),
    views: [folder("views")],
    write: (path: string, sql: string) => Deno.writeTextFile(`${root}/${path}.sql`, sql),
    remove: (path: string) => Deno.remove(`${root}/${path}.sql`),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

const tableSql = "CREATE TABLE IF NOT EXISTS items (id Int32) ENGINE = MergeTree ORDER BY id";

Deno.test("the shipped migrations and views are applied once, and again without harm", async () => {
  await using database = await createTemporaryDatabase();
  const first = await migrate({ url: database.url });
  assert.deepEqual(first.applied.slice(0, 2), ["0001_events", "0002_dead_letters"]);
  const again = await migrate({ url: database.url });
  assert.deepEqual(again, { applied: [], views: first.views });
});

/** Events as Turnlog 0.1 wrote them, with their texts in data, and what is to become of them. */
const oldEvents: { type: string; data: object; columns: object; texts?: object }[] = [
  {
    type: "message.sent",
    data: { text: "😀 hé", route: "demo", request: '{"messages":[]}', parentTurnId: "earlier" },
    columns: {
      text_length: 5,
      parent_turn_id: "earlier",
      is_from_program: true,
      data: { route: "demo", parentTurnId: "earlier" },
    },
    texts: { text: "😀 hé", request: '{"messages":[]}' },
  },
  {
    type: "message.sent",
    // A text that ClickHouse took for a date.
    data: { text: "2026-10-01", regeneratedFrom: "first" },
    columns: {
      text_length: 10,
      regenerated_from_turn_id: "first",
      data: { regeneratedFrom: "first" },
    },
    texts: { text: "2026-10-01" },
  },
  {
    type: "attempt.completed",
    data: { text: "answer", reasoning: "thought", toolCalls: [{ id: "1" }], durationMs: 5 },
    columns: { text_length: 6, tool_call_count: 1, data: { durationMs: 5 } },
    texts: { text: "answer", reasoning: "thought", tool_calls: '[{"id":"1"}]' },
  },
  {
    type: "attempt.started",
    data: { continues: 7, endpoint: "http://local" },
    columns: {
      continued_length: 7,
      endpoint: "http://local",
      data: { continues: 7, endpoint: "http://local" },
    },
  },
  {
    type: "turn.stopped",
    data: { textLength: 3, attempts: 2 },
    columns: { text_length: 3, attempt_count: 2, data: { textLength: 3, attempts: 2 } },
  },
  {
    type: "turn.waiting",
    data: { until: "2026-10-01T00:01:00.000Z" },
    columns: { wait_ms: 60_000, data: { until: "2026-10-01 00:01:00.000000000" } },
  },
  {
    type: "feedback.given",
    data: { rating: "up", comment: "thanks" },
    columns: { rating: "up", data: { rating: "up" } },
    texts: { comment: "thanks" },
  },
  {
    type: "conversation.renamed",
    data: { title: "a title" },
    columns: { data: {} },
    texts: { title: "a title" },
  },
  {
    type: "model.state_changed",
    data: { to: "awake" },
    columns: { model_state: "awake", data: { to: "awake" } },
  },
];

Deno.test("an old database gets the schema of a fresh one, and keeps its texts in their own table", async () => {
  await using fresh = await createTemporaryDatabase();
  await migrate({ url: fresh.url });
  await using old = await createTemporaryDatabase();
  await using released = await temporaryFiles();
  for (const name of ["0001_events", "0002_dead_letters", "0003_backtests"]) {
    const file = new URL(`./migrations/${name}.sql`, import.meta.url);
    await released.write(`migrations/${name}`, await Deno.readTextFile(file));
  }
  await migrate({ url: old.url, migrations: released.migrations, views: released.views });
  const ids = oldEvents.map(() => crypto.randomUUID());
  const values = oldEvents.map(({ type, data }, index) => ({
    event_id: ids[index],
    event_type: type,
    event_time: "2026-10-01 00:00:00.000",
    data,
  }));
  await old.client.insert({ table: "events", values, format: "JSONEachRow" });

  const schemaOf = async ({ url, rows }: TemporaryDatabase) => {
    const tables = await rows<{ sql: string }>(
      "SELECT create_table_query AS sql FROM system.tables " +
        "WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name",
    );
    const database = new URL(url).pathname.slice(1);
    return tables.map(({ sql }) => sql.replaceAll(`${database}.`, ""));
  };
  const expectMoved = async () => {
    assert.deepEqual(await schemaOf(old), await schemaOf(fresh));
    const columns = await old.rows<{ event_id: string }>(
      `SELECT event_id, text_length, continued_length, attempt_count, tool_call_count, wait_ms, rating, model_state,
         endpoint, parent_turn_id, regenerated_from_turn_id, is_from_program, data FROM events FINAL`,
    );
    const texts = await old.rows<{ event_id: string }>(
      "SELECT event_id, text, reasoning, request, tool_calls, title, comment FROM event_texts FINAL",
    );
    const of = (rows: { event_id: string }[], index: number) => {
      const { event_id, ...row } = rows.find((row) => row.event_id === ids[index]) ?? {};
      const given = Object.entries(row).filter(([, value]) => value);
      return event_id === undefined ? undefined : Object.fromEntries(given);
    };
    for (const [index, event] of oldEvents.entries()) {
      assert.deepEqual(of(columns, index), event.columns, event.type);
      assert.deepEqual(of(texts, index), event.texts, event.type);
    }
  };
  await migrate({ url: old.url });
  await expectMoved();

  // As after a crash before it was noted that they were applied.
  await old.client.command({ query: "TRUNCATE TABLE schema_migrations" });
  await migrate({ url: old.url });
  await expectMoved();
});

Deno.test("what attempts without a price have cost is not known after the migration either", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  const [priced, unpriced, unused] = [
    { cost_usd: 0, price_version: "2026-11-01", output_tokens: 5 },
    { cost_usd: 0, price_version: "", output_tokens: 5 },
    { cost_usd: 0, price_version: "", output_tokens: 0 },
  ];
  const values = [priced, unpriced, unused].map((columns, number) => ({
    event_id: crypto.randomUUID(),
    event_type: "attempt.completed",
    event_time: "2026-11-02 08:00:00.000",
    turn_id: `${number}`,
    ...columns,
  }));
  await database.client.insert({ table: "events", values, format: "JSONEachRow" });
  // As where they were inserted before it.
  await database.client.command({
    query:
      "ALTER TABLE schema_migrations DELETE WHERE name = '0013_unknown_costs' SETTINGS mutations_sync = 1",
  });
  await migrate({ url: database.url });
  const rows = await database.rows<{ cost_usd: number | null }>(
    "SELECT cost_usd FROM events FINAL ORDER BY turn_id",
  );
  assert.deepEqual(rows.map(({ cost_usd }) => cost_usd), [0, null, 0]);
});

Deno.test("rows are kept as long as the settings say, and a changed setting holds from the next start on", async () => {
  await using database = await createTemporaryDatabase();
  const { url } = database;
  const daysAgo = (days: number) =>
    new Date(Date.now() - days * 86_400_000).toISOString().replace("T", " ").slice(0, -1);
  const kept = async (table: string) => {
    await database.client.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
    const [{ n }] = await database.rows<{ n: number }>(`SELECT count() AS n FROM ${table}`);
    return n;
  };
  await migrate({ url, retention: { eventsDays: 0, textsDays: 0 } });
  for (const table of ["events", "event_texts"]) {
    const values = [1, 20, 40].map((days) => ({
      event_id: crypto.randomUUID(),
      event_type: "message.sent",
      event_time: daysAgo(days),
    }));
    await database.client.insert({ table, values, format: "JSONEachRow" });
  }
  assert.deepEqual([await kept("events"), await kept("event_texts")], [3, 3]);
  await migrate({ url, retention: { eventsDays: 30, textsDays: 10 } });
  assert.deepEqual([await kept("events"), await kept("event_texts")], [2, 1]);
  await Promise.all(
    [1, 2].map(() => migrate({ url, retention: { eventsDays: 0, textsDays: 10 } })),
  );
  assert.deepEqual(
    await database.rows(
      `SELECT name FROM system.tables
       WHERE database = currentDatabase() AND engine_full LIKE '% TTL %' ORDER BY name`,
    ),
    ["dead_letters", "event_rollup", "event_rollup_copies", "event_texts"].map((name) => ({
      name,
    })),
  );
});

Deno.test("processes that migrate at the same time do not disturb each other", async () => {
  await using database = await createTemporaryDatabase();
  const { url } = database;
  await Promise.all([migrate({ url }), migrate({ url }), migrate({ url }), migrate({ url })]);
  const { views } = await migrate({ url });
  assert.deepEqual(
    await database.rows(
      "SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND engine = 'View'",
    ),
    [{ n: views }],
  );
  assert.deepEqual(
    await database.rows("SELECT count() = uniqExact(name) AS once FROM schema_migrations FINAL"),
    [{ once: 1 }],
  );
});

Deno.test("a migration that ended in the middle is finished by the next start", async () => {
  await using database = await createTemporaryDatabase();
  await using files = await temporaryFiles();
  const options = { url: database.url, migrations: files.migrations, views: files.views };
  await files.write("migrations/0001_items", `${tableSql}; INSERT INTO nowhere VALUES (1)`);
  await assert.rejects(migrate(options), /0001_items\.sql failed: .*nowhere/s);
  await files.write("migrations/0001_items", `${tableSql}; -- done; really\n`);
  assert.deepEqual((await migrate(options)).applied, ["0001_items"]);
});

Deno.test("a migration that was applied may not change", async () => {
  await using database = await createTemporaryDatabase();
  await using files = await temporaryFiles();
  const options = { url: database.url, migrations: files.migrations, views: files.views };
  await files.write("migrations/0001_items", tableSql);
  await migrate(options);
  await files.write("migrations/0001_items", `${tableSql} -- changed`);
  await assert.rejects(migrate(options), /0001_items was applied and has been changed since/);
});

Deno.test("a database of a newer Turnlog is left alone", async () => {
  await using database = await createTemporaryDatabase();
  await using files = await temporaryFiles();
  const options = { url: database.url, migrations: files.migrations, views: files.views };
  await files.write("migrations/0001_items", tableSql);
  await files.write("migrations/0002_newer", "SELECT 1");
  await migrate(options);
  await files.remove("migrations/0002_newer");
  await assert.rejects(migrate(options), /has the migration 0002_newer, which is not known here/);
});

Deno.test("a view follows its file, goes with it, and a view that someone else made stays", async () => {
  await using database = await createTemporaryDatabase();
  await using files = await temporaryFiles();
  const options = { url: database.url, migrations: files.migrations, views: files.views };
  await database.client.command({ query: "CREATE VIEW theirs AS SELECT 0 AS x" });
  await files.write("views/one", "CREATE OR REPLACE VIEW one AS SELECT 1 AS x");
  await files.write("views/two", "CREATE OR REPLACE VIEW two AS SELECT 2 AS x");
  assert.equal((await migrate(options)).views, 2);

  await files.write("views/one", "CREATE OR REPLACE VIEW one AS SELECT 11 AS x");
  await files.remove("views/two");
  assert.equal((await migrate(options)).views, 1);
  assert.deepEqual(await database.rows("SELECT x FROM one"), [{ x: 11 }]);
  assert.deepEqual(
    await database.rows(
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View' ORDER BY name",
    ),
    [{ name: "one" }, { name: "theirs" }],
  );
});
