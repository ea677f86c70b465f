/**
 * Clients of ClickHouse against the embedded server: the official one for JavaScript, Python's, and plain HTTP ask the
 * same and get the same rows. Also what Grafana asks: every query of its dashboard runs.
 */
import assert from "node:assert/strict";
import {
  clientOf,
  startTemporaryServer,
  type TemporaryServer,
} from "../analytics/embedded/temporary_server.ts";
import { migrate } from "../analytics/migrate.ts";
import { runCommand } from "../scripts/run_command.ts";

const python = Deno.env.get("TURNLOG_PYTHON");

let server: TemporaryServer;

Deno.test.beforeAll(async () => {
  server = await startTemporaryServer();
  await migrate({ url: server.writerUrl });
  await using writer = clientOf(server.writerUrl);
  await writer.command({
    query:
      `INSERT INTO events (event_id, event_type, event_time, user_key, conversation_id, turn_id, attempt, model, variants)
      SELECT generateUUIDv4(), ['message.sent', 'attempt.completed'][1 + number % 2], toDateTime64('2026-11-24 10:00:00', 3) + number * 60,
        'user', 'conversation', concat('turn', toString(number)), 1, ['llama', ''][1 + number % 2], map('tone', 'brief')
      FROM numbers(50)`,
  });
});
Deno.test.afterAll(() => server[Symbol.asyncDispose]());

const period =
  "from = '2026-11-24 10:00:00', to = '2026-11-24 11:00:00', bucket = 600, model = '', experiment = '', variant = ''";

/** Fifteen columns of types that clients read in different ways. */
const manyTypes =
  `SELECT 'ä𝄞' AS text, toLowCardinality(toNullable('x')) AS word, CAST(NULL, 'LowCardinality(Nullable(String))') AS none,
    [toLowCardinality('a'), 'b', 'a'] AS words, CAST([], 'Array(LowCardinality(String))') AS no_words,
    map('a', [1, 2], 'b', []) AS lists, CAST((1, 'x'), 'Tuple(id UInt8, \`a name\` String)') AS pair,
    CAST('two', 'Enum8(\\'one (1)\\' = 1, \\'two\\' = 2)') AS choice, toDate('2026-11-24') AS day, true AS yes,
    toUUID('00000000-0000-0000-0000-000000000001') AS id, -5::Int64 AS below, 0.5 AS half, [[NULL, 1]] AS nested, 1 AS last`;

/** Types as they come in tables and views, written so that each client tells them alike. */
const queries = [
  "SELECT event_type, count() AS n, uniqExact(turn_id) AS turns FROM events FINAL GROUP BY event_type ORDER BY event_type",
  "SELECT turn_id, attempt, model, variants FROM events FINAL ORDER BY turn_id LIMIT 20",
  `SELECT toString(time) AS time, * EXCEPT time FROM turns_over_time(${period}) ORDER BY time`,
  "SELECT name, type, comment FROM system.columns WHERE table = 'events' AND database = currentDatabase() ORDER BY position",
  manyTypes,
  "SELECT number, toString(number) AS text FROM numbers(100000) WHERE number % 997 = 0",
  "SELECT turn_id, data FROM events FINAL ORDER BY turn_id LIMIT 3",
  "SELECT 1 AS one WHERE 0",
];

async function overHttp(query: string): Promise<string> {
  const response = await fetch(`${server.url}/?default_format=JSONCompactEachRow`, {
    method: "POST",
    body: query,
  });
  const text = await response.text();
  assert(response.ok, text);
  return normal(text.split("\n").filter(Boolean).map((line) => JSON.parse(line)));
}

/** Numbers of 64 bits are text to some. */
function normal(rows: unknown[]): string {
  return JSON.stringify(rows, (_, value) => typeof value === "bigint" ? Number(value) : value);
}

Deno.test("the official client for JavaScript gets the rows that plain HTTP gets", async () => {
  await using client = clientOf(server.url);
  for (const query of queries) {
    const result = await client.query({ query, format: "JSONCompactEachRow" });
    assert.equal(normal(await result.json()), await overHttp(query), query);
  }
});

Deno.test(
  "clickhouse-connect for Python gets the rows that plain HTTP gets, streams, and fills frames of pandas",
  { ignore: python === undefined },
  async () => {
    const lines: string[] = [];
    await runCommand({
      command: python!,
      args: [
        new URL("clients/clickhouse_connect_rows.py", import.meta.url).pathname,
        server.url,
        ...queries,
      ],
      environment: {},
      onLine: (line) => lines.push(line),
    });
    for (const [index, query] of queries.entries()) {
      assert.equal(normal(JSON.parse(lines[index])), await overHttp(query), query);
    }
    const { version, streamed, frame } = JSON.parse(lines[queries.length]);
    assert.match(version, /^\d+\.\d+/);
    assert.deepEqual([streamed, frame], [200_000, 10]);
  },
);

Deno.test("every query of the Grafana dashboard runs, on a view that is there", async () => {
  const dashboard = JSON.parse(
    await Deno.readTextFile(new URL("../deploy/grafana/turnlog.json", import.meta.url)),
  );
  const targets: { rawSql: string }[] = dashboard.panels.flatMap(
    ({ targets = [] }: { targets?: { rawSql: string }[] }) => targets,
  );
  assert(targets.length > 10);
  for (const { rawSql } of targets) {
    // As the data source puts them in.
    const sql = rawSql.replaceAll("$__fromTime", "toDateTime(1795514400)")
      .replaceAll("$__toTime", "toDateTime(1795518000)")
      .replaceAll("$__interval_s", "60").replaceAll("${model}", "");
    assert.doesNotMatch(sql, /\$/);
    await overHttp(sql);
  }
});

Deno.test("a client that speaks a newer protocol gets Native with its heads and marks", async () => {
  const ask = async (version: number, body: string) => {
    const address = `${server.url}/?default_format=Native&client_protocol_version=${version}`;
    return await (await fetch(address, { method: "POST", body })).bytes();
  };
  const few = "SELECT toUInt8(7) AS a, toLowCardinality('x') AS b, 'end' AS c";
  const [oldest, newest] = [await ask(0, few), await ask(54460, few)];
  const head = [1, 0, 2, 255, 255, 255, 255, 0];
  assert.deepEqual([...newest.subarray(0, head.length)], head);
  // Each column's mark stands after its type.
  assert.equal(newest.length, head.length + oldest.length + 3);
  const text = new TextDecoder("latin1").decode(newest);
  assert(text.includes("\x01a\x05UInt8\x00\x07"));
  assert(text.includes("\x01c\x06String\x00\x03end"));
  // The ends of all columns are found: each has one mark more.
  const [before, after] = [await ask(0, manyTypes), await ask(54460, manyTypes)];
  assert.equal(after.length, before.length + head.length + 15);
  assert(new TextDecoder("latin1").decode(after).endsWith("\x04last\x05UInt8\x00\x01"));
});

Deno.test("a column that cannot be written for a newer protocol is refused with the way out", async () => {
  const response = await fetch(
    `${server.url}/?default_format=Native&client_protocol_version=54460`,
    {
      method: "POST",
      body: "SELECT uniqState(number) AS state FROM numbers(3)",
    },
  );
  assert.equal(response.status, 501);
  assert.match(await response.text(), /column state of type AggregateFunction.* toString\(state\)/);
});
