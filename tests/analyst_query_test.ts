/** An analyst's SQL through the api, on the embedded ClickHouse: what comes back, what is refused, and how it ends. */
import assert from "node:assert/strict";
import { rowsOf } from "../analytics/clickhouse.ts";
import { migrate } from "../analytics/migrate.ts";
import {
  clientOf,
  startTemporaryServer,
  type TemporaryServer,
} from "../analytics/embedded/temporary_server.ts";
import { answerRowsMax, fileRowsMax } from "../api/sql/analyst_queries.ts";
import { type Json, type Scene, withApp } from "../api/temporary_app.ts";
import { until } from "../scripts/load/until.ts";
import { exampleQueries } from "../web/analytics/sql/example_queries.js";
import { forbiddenQueries } from "./analyst_query/forbidden_queries.ts";

let server: TemporaryServer;

Deno.test.beforeAll(async () => {
  server = await startTemporaryServer();
  await migrate({ url: server.writerUrl });
});
Deno.test.afterAll(() => server[Symbol.asyncDispose]());

type Ask = (sql: string, format?: string) => Promise<{ status: number; body: Json }>;

/** Runs a test with an app that asks the embedded server as its reader. */
function withAnalyst(run: (ask: Ask, scene: Scene) => Promise<void>): Promise<void> {
  return withApp(
    (scene) =>
      run((sql, format) => scene.send("POST", "/api/analytics/query", { sql, format }), scene),
    { clickHouseUrl: server.url },
  );
}

/** A query that would run for as long as it may. */
const endless = "SELECT count() FROM numbers(900000000) WHERE NOT ignore(sleepEachRow(0.00001))";

Deno.test("a query answers columns with their types, and rows by their names, exactly", () =>
  withAnalyst(async (ask) => {
    const { status, body } = await ask(
      "SELECT count() AS turns, 18446744073709551615 AS big, toDateTime64(0, 3, 'UTC') AS at, nan AS no, [1] AS list, NULL AS none",
    );
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.columns.slice(0, 2), [
      { name: "turns", type: "UInt64" },
      { name: "big", type: "UInt64" },
    ]);
    assert.deepEqual(body.rows, [{
      turns: 1,
      big: "18446744073709551615",
      at: "1970-01-01T00:00:00.000Z",
      no: "nan",
      list: [1],
      none: null,
    }]);
    assert.equal(body.isTruncated, false);
  }));

Deno.test("an answer has an end, says so, and a file goes on after it", () =>
  withAnalyst(async (ask, { request }) => {
    const sql = "SELECT number FROM numbers(12345)";
    const { body } = await ask(sql);
    assert.equal(body.rows.length, answerRowsMax);
    assert.equal(body.isTruncated, true);
    const file = await request("/api/analytics/query", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sql, format: "csv" }),
    });
    assert.equal(file.headers.get("content-disposition"), 'attachment; filename="result.csv"');
    const lines = (await file.text()).trim().split("\n");
    assert.deepEqual([lines[0], lines.length], ['"number"', 12346]);
    const parquet = await request("/api/analytics/query", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sql, format: "parquet" }),
    });
    const bytes = await parquet.bytes();
    assert.equal(new TextDecoder().decode(bytes.subarray(0, 4)), "PAR1");
    assert.equal(new TextDecoder().decode(bytes.subarray(-4)), "PAR1");
    const tooLong = await ask(`SELECT number FROM numbers(${fileRowsMax + 1})`, "parquet");
    assert.equal(tooLong.status, 422);
    assert.equal(tooLong.body.type, "/problems/query-too-costly");
  }));

Deno.test("a mistake is told in ClickHouse's words, with its place", () =>
  withAnalyst(async (ask) => {
    const cases: [sql: string, message: RegExp, line: number, column: number][] = [
      ["SELECT 'ü',\n 'ü', sum(3 FROM x", /^Syntax error: .*Unmatched parentheses/, 2, 10],
      ["SELEC 1", /^Syntax error: failed at position 1/, 1, 1],
      ["SELECT 1,\n  event_typ\nFROM events", /Unknown expression identifier `event_typ`/, 2, 3],
      ["SELECT *\nFROM evnts", /Unknown table expression identifier 'evnts'/, 2, 6],
      ["SELECT nosuch(1)", /Function with name `nosuch` does not exist/, 1, 8],
    ];
    for (const [sql, message, line, column] of cases) {
      const { status, body } = await ask(sql);
      assert.equal(status, 422, sql);
      assert.equal(body.type, "/problems/query-wrong");
      assert.match(body.detail, message);
      const { path, ...place } = body.errors[0];
      assert.deepEqual([path, place.line, place.column], ["sql", line, column], sql);
    }
  }));

Deno.test("a query reaches no file, no other machine, no process, no user, and changes nothing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "turnlog_secret_" });
  const file = `${folder}/secret.csv`;
  await Deno.writeTextFile(file, "the-secret-of-the-host\n");
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  void (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  const host = `127.0.0.1:${listener.addr.port}`;
  await withAnalyst(async (ask) => {
    const { refused, wrong } = forbiddenQueries(file, host);
    for (const [type, queries] of [["query-refused", refused], ["query-wrong", wrong]] as const) {
      for (const sql of queries) {
        const { body } = await ask(sql);
        assert.equal(body.type, `/problems/${type}`, `${sql}\n${JSON.stringify(body)}`);
        assert.doesNotMatch(JSON.stringify(body), /the-secret/, sql);
        assert.equal(connections, 0, `${sql} reaches the network`);
      }
    }
    const { body } = await ask("SELECT count() FROM system.tables WHERE name = 'events'");
    assert.deepEqual(body.rows, [{ "count()": 1 }]);
  });
  assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), [
    "secret.csv",
  ]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what a query may cost has an end: time, memory, rows read", () =>
  withAnalyst(async (ask) => {
    const costly = [
      ["SELECT groupArray(number) FROM numbers(300000000)", /memory limit exceeded/],
      ["SELECT count() FROM numbers(2000000000)", /max_rows_to_read/],
    ] as const;
    for (const [sql, reason] of costly) {
      const { status, body } = await ask(sql);
      assert.equal(status, 422);
      assert.equal(body.type, "/problems/query-too-costly");
      assert.match(body.detail, reason);
      assert.match(body.detail, /Ask for less/);
    }
  }));

Deno.test("a query ends when its request ends, and gives its place to the next", () =>
  withAnalyst(async (ask, { request }) => {
    await using writer = clientOf(server.writerUrl);
    const running = async () => {
      const [{ n }] = await rowsOf<{ n: string }>(
        writer,
        "SELECT count() AS n FROM system.processes WHERE query LIKE '%sleepEachRow%' AND query NOT LIKE '%processes%'",
      );
      return Number(n);
    };
    const cancel = new AbortController();
    const send = () =>
      Promise.resolve(request("/api/analytics/query", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sql: endless }),
        signal: cancel.signal,
      })).catch(() => null);
    const queries = [send(), send(), send()];
    await until("all three run", 20_000, async () => await running() === 3);
    const fourth = await ask("SELECT 1");
    assert.equal(fourth.status, 429);
    assert.equal(fourth.body.type, "/problems/query-busy");
    cancel.abort();
    await Promise.all(queries);
    await until("none runs", 10_000, async () => await running() === 0);
    assert.equal((await ask("SELECT 1")).status, 200);
  }));

Deno.test("nothing is run with a user of ClickHouse who may do more than read", () =>
  withApp(async ({ send }) => {
    const { status, body } = await send("POST", "/api/analytics/query", { sql: "SELECT 1" });
    assert.equal(status, 503);
    assert.equal(body.type, "/problems/query-unavailable");
    assert.match(body.detail, /user turnlog, who may write/);
  }, { clickHouseUrl: server.writerUrl }));

Deno.test("queries are for operators, and each is stated as an event before it is run", async () => {
  await withAnalyst(async (ask, { store }) => {
    await ask("SELEC 1");
    const [event] = (await store.eventsAfter(0, 10)).map(({ body }) => JSON.parse(body));
    assert.equal(event.type, "operation.requested");
    assert.deepEqual(event.data, { action: "run-query", detail: "SELEC 1", by: "loopback" });
  });
  await withApp(async ({ send }) => {
    for (const [method, path] of [["POST", "query"], ["GET", "tables"]]) {
      const { status } = await send(
        method,
        `/api/analytics/${path}`,
        method === "POST" ? { sql: "SELECT 1" } : undefined,
      );
      assert.equal(status, 403);
    }
  }, { clickHouseUrl: server.url, operatorToken: "a token of the operators" });
});

Deno.test("the tables and views that can be read are told with what their columns hold", () =>
  withAnalyst(async (_, { send }) => {
    const { body } = await send("GET", "/api/analytics/tables");
    const events = body.items.find(({ name }: Json) => name === "events");
    assert.equal(events.kind, "table");
    assert.match(events.description, /Every event/);
    assert(
      events.columns.some(({ name, description }: Json) => name === "event_id" && description),
    );
    const view = body.items.find(({ name }: Json) => name === "turns_over_time");
    assert.equal(view.kind, "view");
    assert(view.parameters.some(({ name }: Json) => name === "from"));
    assert(!body.items.some(({ name }: Json) => name.startsWith("schema_")));
  }));

Deno.test("every example of the SQL page runs", () =>
  withAnalyst(async (ask) => {
    for (const { name, sql } of exampleQueries) {
      const { status, body } = await ask(sql);
      assert.equal(status, 200, `${name}: ${body.detail}`);
    }
  }));
