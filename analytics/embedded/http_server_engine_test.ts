/** The embedded server as clients see it: the official client, and plain HTTP. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import type { DataFormat } from "@clickhouse/client";
import { rowsOf } from "../clickhouse.ts";
import { until } from "../testing/waiting.ts";
import { clientOf, startTemporaryServer, type TemporaryServer } from "./temporary_server.ts";

const waitMsMax = 10_000;

Deno.test("the embedded ClickHouse server", async (test) => {
  await using server = await startTemporaryServer();
  await using reader = clientOf(server.url);
  await using writer = clientOf(server.writerUrl);

  const post = (body: BodyInit, query = "", headers: Record<string, string> = {}) =>
    fetch(`${server.url}/${query}`, { method: "POST", body, headers });
  const rows = <Row>(query: string, query_params?: Record<string, unknown>) =>
    rowsOf<Row>(reader, query, query_params);
  const runningQueries = async (like: string) => {
    const [{ n }] = await rowsOf<{ n: number }>(
      writer,
      "SELECT count() AS n FROM system.processes WHERE query LIKE {like:String} AND query NOT LIKE '%processes%'",
      { like },
    );
    return n;
  };

  await test.step("answers a ping, with and without a query", async () => {
    assert.deepEqual(await reader.ping(), { success: true });
    assert.deepEqual(await writer.ping({ select: true }), { success: true });
    for (const path of ["", "ping", "replicas_status"]) {
      assert.equal(await (await fetch(`${server.url}/${path}`)).text(), "Ok.\n");
    }
  });

  await test.step("takes rows from the client, in every way that it sends them", async () => {
    await writer.command({
      query: "CREATE TABLE items (id Int32, name String, data JSON) ENGINE = MergeTree ORDER BY id",
    });
    await writer.insert({
      table: "items",
      values: [{ id: 1, name: "ä'\\\t\n😀", data: { x: 1 } }],
      format: "JSONEachRow",
    });
    await writer.insert({
      table: "items",
      columns: ["id", "name"],
      values: Readable.from(['2,"a,', '\nb"\n3,c\n'], { objectMode: false }),
      format: "CSV",
    });
    const { summary } = await writer.insert({
      table: "items",
      values: Readable.from([{ id: 4 }, { id: 5 }]),
      format: "JSONEachRow",
    });
    assert.equal(summary?.written_rows, "2");
    await writer.insert({ table: "items", values: [], format: "JSONEachRow" });
    await writer.command({ query: "INSERT INTO items (id) VALUES (6), (7)" });
    await writer.command({ query: "INSERT INTO items (id) SELECT number + 8 FROM numbers(2)" });
    assert.deepEqual(await rows("SELECT count() AS n, sum(id) AS ids FROM items"), [
      { n: 9, ids: 45 },
    ]);
    assert.deepEqual(await rows("SELECT name, data FROM items WHERE id IN (1, 2) ORDER BY id"), [
      { name: "ä'\\\t\n😀", data: { x: 1 } },
      { name: "a,\nb", data: {} },
    ]);
  });

  await test.step("gives the client the same rows in every format", async () => {
    const query = "SELECT number AS n, toString(number) AS s FROM numbers(3)";
    const expected = [{ n: 0, s: "0" }, { n: 1, s: "1" }, { n: 2, s: "2" }];
    const json = async (format: DataFormat) =>
      await (await reader.query({ query, format: format as "JSON" })).json<unknown>();
    assert.deepEqual((await json("JSON") as { data: unknown }).data, expected);
    assert.deepEqual(await json("JSONEachRow"), expected);
    assert.deepEqual(await json("JSONCompactEachRow"), [[0, "0"], [1, "1"], [2, "2"]]);
    assert.deepEqual(Object.values(await json("JSONObjectEachRow") as object), expected);
    const texts: [DataFormat, string][] = [
      ["CSV", '0,"0"\n1,"1"\n2,"2"\n'],
      ["CSVWithNames", '"n","s"\n0,"0"\n1,"1"\n2,"2"\n'],
      ["TabSeparated", "0\t0\n1\t1\n2\t2\n"],
      ["TabSeparatedWithNames", "n\ts\n0\t0\n1\t1\n2\t2\n"],
    ];
    for (const [format, expectedText] of texts) {
      assert.equal(await (await reader.query({ query, format })).text(), expectedText, format);
    }
    const parquet = await reader.query({ query, format: "Parquet" });
    assert.match(await parquet.text(), /^PAR1.*PAR1$/s);
  });

  await test.step("binds parameters of every type, in the address and in a form", async () => {
    const query_params = {
      text: "a'b\\c\td\n😀{x:String}",
      time: new Date(1_700_000_000_123),
      list: ["q'", "\\"],
      nothing: null,
      map: { a: 1 },
    };
    const query =
      "SELECT {text:String} AS text, {time:DateTime64(3)} AS time, {list:Array(String)} AS list, " +
      "{nothing:Nullable(Int32)} AS nothing, {map:Map(String, Int32)} AS map";
    for (const use_multipart_params of [false, true]) {
      const result = await reader.query({
        query,
        query_params,
        use_multipart_params,
        format: "JSONEachRow",
      });
      assert.deepEqual(await result.json(), [
        { ...query_params, time: "2023-11-14 22:13:20.123" },
      ]);
    }
  });

  await test.step("keeps the parameters of queries apart that run at the same time", async () => {
    const values = Array.from({ length: 40 }, (_, index) => index);
    const answers = await Promise.all(values.map(async (value) => {
      const [{ x }] = await rows<{ x: number }>(
        "SELECT {x:UInt32} AS x FROM numbers(100000) WHERE number = {x:UInt32}",
        { x: value },
      );
      return x;
    }));
    assert.deepEqual(answers, values);
    // Nothing of them is left for the next query.
    await assert.rejects(rows("SELECT {x:UInt32} AS x"), { code: "456" });
  });

  await test.step("sends a large result in pieces, compressed or not", async () => {
    const query = "SELECT number FROM numbers(500000)";
    for (const response of [false, true]) {
      await using client = clientOf(server.url);
      const result = await client.query({
        query,
        format: "JSONEachRow",
        clickhouse_settings: response ? { enable_http_compression: 1 } : {},
      });
      let sum = 0;
      for await (const piece of result.stream<{ number: number }>()) {
        for (const row of piece) sum += row.json().number;
      }
      assert.equal(sum, 500_000 * 499_999 / 2);
    }
    const compressed = await post(query, "?enable_http_compression=1", {
      "accept-encoding": "gzip",
    });
    // fetch decompresses, and takes the header away.
    assert.equal((await compressed.text()).split("\n").length, 500_001);
  });

  await test.step("holds a result of any size without holding it in memory", async () => {
    const before = await residentBytes(server);
    const result = await reader.query({
      query: "SELECT number, repeat('x', 100) AS filling FROM numbers(5000000)",
      format: "JSONEachRow",
    });
    let peak = 0;
    let count = 0;
    let sinceLook = 0;
    for await (const piece of result.stream()) {
      count += piece.length;
      if (++sinceLook % 200 !== 0) continue;
      peak = Math.max(peak, await residentBytes(server));
    }
    assert.equal(count, 5_000_000);
    assert.ok(peak > 0);
    const grownMegabytes = Math.round((peak - before) / 1e6);
    assert.ok(grownMegabytes < 300, `grew by ${grownMegabytes} MB for a result of 640 MB`);
  });

  await test.step("tells errors in ClickHouse's words, with the status that goes with them", async () => {
    const cases: [string, number, number][] = [
      ["SELEC 1", 62, 400],
      ["SELECT 1; SELECT 2", 62, 400],
      ["", 62, 400],
      ["SELECT * FROM nowhere", 60, 404],
      ["SELECT nothing", 47, 404],
      ["SELECT nosuch(1)", 46, 404],
      ["SELECT 1 FORMAT Nosuch", 73, 404],
      ["INSERT INTO items (id) VALUES (1)", 164, 500],
    ];
    for (const [statement, code, status] of cases) {
      const response = await post(statement, statement === "" ? "?query=" : "");
      const text = await response.text();
      assert.match(text, new RegExp(`^Code: ${code}\\. DB::Exception: .+\\([A-Z_]+\\)`, "s"));
      assert.equal(response.headers.get("x-clickhouse-exception-code"), String(code), statement);
      assert.equal(response.status, status, statement);
    }
    await assert.rejects(
      writer.insert({ table: "items", values: [{ id: 1 }, { id: "x" }], format: "JSONEachRow" }),
      { code: "27", type: "CANNOT_PARSE_INPUT_ASSERTION_FAILED" },
    );
    assert.deepEqual(await rows("SELECT count() AS n FROM items"), [{ n: 9 }]);
  });

  await test.step("tells an error in the middle of a result", async () => {
    const query = "SELECT throwIf(number = 900000, 'so far') FROM numbers(1000000)";
    const result = await reader.query({ query, format: "JSONEachRow" });
    await assert.rejects(result.json(), { code: "395", message: /^so far/ });
    const response = await post(query);
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  });

  await test.step("says with each answer which query it was and in which format", async () => {
    const response = await post("SELECT 1 AS x", "?query_id=mine&default_format=CSVWithNames");
    assert.equal(await response.text(), '"x"\n1\n');
    const header = (name: string) => response.headers.get(`x-clickhouse-${name}`);
    assert.equal(header("query-id"), "mine");
    assert.equal(header("format"), "CSVWithNames");
    assert.equal(header("timezone"), "UTC");
    assert.equal(header("server-display-name"), "turnlog-embedded");
    assert.equal(JSON.parse(header("summary")!).read_rows, "1");
    assert.equal(response.headers.get("content-type"), "text/csv; charset=UTF-8; header=present");
  });

  await test.step("knows its users", async () => {
    const asks = async (headers: Record<string, string>, query = "") => {
      const response = await post("SELECT currentRoles()", query, headers);
      return [response.status, (await response.text()).trim()];
    };
    const basic = (credentials: string) => ({ authorization: `Basic ${btoa(credentials)}` });
    assert.deepEqual(await asks({}), [200, "['reader']"]);
    assert.deepEqual(await asks(basic("default:")), [200, "['reader']"]);
    for (
      const answer of [
        await asks(basic("turnlog:secret")),
        await asks({ "x-clickhouse-user": "turnlog", "x-clickhouse-key": "secret" }),
        await asks({}, "?user=turnlog&password=secret"),
      ]
    ) assert.deepEqual(answer, [200, "['reader','writer']"]);
    for (const credentials of ["turnlog:wrong", "turnlog:", "nobody:secret"]) {
      const [status, text] = await asks(basic(credentials));
      assert.equal(status, 403);
      assert.match(String(text), /^Code: 516\. .*AUTHENTICATION_FAILED/);
    }
  });

  await test.step("takes a GET as read-only, whoever asks", async () => {
    const ask = async (query: string) => {
      const response = await fetch(
        `${server.url}/?user=turnlog&password=secret&query=${encodeURIComponent(query)}`,
      );
      return [response.status, (await response.text()).trim()];
    };
    assert.deepEqual(await ask("SELECT 1"), [200, "1"]);
    const [status, text] = await ask("DROP TABLE items");
    assert.equal(status, 500);
    assert.match(String(text), /^Code: 164\./);
  });

  await test.step("refuses what it does not have, by name", async () => {
    const asks: [string, RegExp][] = [
      ["?compress=1", /compress=1/],
      ["?decompress=1", /decompress=1/],
      ["?role=writer", /role/],
      ["?user=turnlog&password=secret&session_id=mine", /session_id/],
    ];
    for (const [query, message] of asks) {
      const response = await post("SELECT 1", query);
      assert.equal(response.status, 501);
      assert.match(await response.text(), message);
    }
    assert.equal((await post("SELECT 1", "?user=turnlog&password=secret&nosuch=1")).status, 404);
  });

  await test.step("does not answer a web page of another origin", async () => {
    const response = await post("SELECT 1", "", { origin: "http://evil.example" });
    assert.equal(response.status, 403);
    assert.doesNotMatch(await response.text(), /^1/);
  });

  await test.step("answers a short query while a long one runs", async () => {
    const stop = new AbortController();
    const long = reader.query({
      query: "SELECT count() FROM numbers(900000000) WHERE NOT ignore(sleepEachRow(0.00001))",
      abort_signal: stop.signal,
    });
    await until(async () => await runningQueries("%sleepEachRow%") === 1, waitMsMax);
    const beganMs = performance.now();
    for (let count = 0; count < 10; count++) await rows("SELECT 1 AS x");
    const eachMs = (performance.now() - beganMs) / 10;
    assert.ok(eachMs < 500, `each took ${eachMs} ms`);
    stop.abort();
    await assert.rejects(long);
  });

  await test.step("ends a query whose client goes away, before and after its first row", async () => {
    await until(async () => await runningQueries("%sleepEachRow%") === 0, waitMsMax);
    const stop = new AbortController();
    const response = await fetch(server.url, {
      method: "POST",
      body: "SELECT number FROM numbers(999999999)",
      signal: stop.signal,
    });
    assert.equal(response.status, 200);
    assert.equal(await runningQueries("%999999999%"), 1);
    stop.abort();
    await response.body?.cancel().catch(() => {});
    await until(async () => await runningQueries("%999999999%") === 0, waitMsMax);
  });

  await test.step("lets so many wait and tells the others", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, async () => {
      const response = await post("SELECT sleep(0.5)");
      return [response.status, (await response.text()).slice(0, 10)].join(" ");
    }));
    const { "200 0\n": ran = [], "503 Code: 202.": refused = [], ...others } = Object.groupBy(
      answers,
      (answer) => answer,
    );
    assert.deepEqual(others, {});
    // 4 run and 64 wait; on a busy machine some of these end before the last ones ask.
    assert.ok(ran.length >= 68 && refused.length > 0, `${ran.length} ran, ${refused.length} not`);
  });

  await test.step("keeps every insert that it acknowledged through a kill -9", async () => {
    await writer.command({ query: "CREATE TABLE kept (id Int32) ENGINE = MergeTree ORDER BY id" });
    for (let id = 1; id <= 5; id++) {
      await writer.insert({ table: "kept", values: [{ id }], format: "JSONEachRow" });
      await server.kill();
      await server.restart();
      assert.deepEqual(await rows("SELECT max(id) AS last, count() AS n FROM kept"), [
        { last: id, n: id },
      ]);
    }
  });

  await test.step("stops in order, with a query still running", async () => {
    const long = post(
      "SELECT count() FROM numbers(900000000) WHERE NOT ignore(sleepEachRow(0.00001))",
    );
    await until(async () => await runningQueries("%sleepEachRow%") === 1, waitMsMax);
    const beganMs = performance.now();
    assert.equal(await server.terminate(), 0);
    assert.ok(performance.now() - beganMs < 6000);
    assert.match(await (await long).text(), /^Code: 394\./);
  });
});

async function residentBytes(server: TemporaryServer): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${server.processId()}/statm`);
  return Number(status.split(" ")[1]) * 4096;
}
