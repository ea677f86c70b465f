/**
 * What a user who may only read must not reach: files, the network, other processes, other users' rights, the data
 * itself for writing. The list is of attempts that some version of the server has let through, or could.
 */
import assert from "node:assert/strict";
import { rowsOf } from "../clickhouse.ts";
import { clientOf, startTemporaryServer } from "./temporary_server.ts";

/** A text that no answer may hold, since it is in a file outside of the data folder. */
const secret = "the-secret-of-the-host";

Deno.test("a user who may only read", async (test) => {
  await using server = await startTemporaryServer();
  await using writer = clientOf(server.writerUrl);
  const folder = await Deno.makeTempDir({ prefix: "turnlog_secret_" });
  const file = `${folder}/secret.csv`;
  await Deno.writeTextFile(file, `${secret}\n`);
  using network = countConnections();
  const host = `127.0.0.1:${network.port}`;

  await writer.command({
    query: "CREATE TABLE items (id Int32, file String) ENGINE = MergeTree ORDER BY id",
  });
  await writer.command({ query: "INSERT INTO items VALUES (1, 'a')" });
  await writer.command({ query: "CREATE DATABASE other" });
  await writer.command({
    query: "CREATE TABLE other.items (id Int32) ENGINE = MergeTree ORDER BY id",
  });
  await writer.command({ query: "CREATE VIEW doubled AS SELECT id * {by:UInt8} AS id FROM items" });

  const ask = async (statement: BodyInit, query = "") => {
    const response = await fetch(`${server.url}/${query}`, { method: "POST", body: statement });
    return { ok: response.ok, text: await response.text().catch(String) };
  };
  const refused = async (statement: BodyInit, query = "") => {
    const before = network.connections();
    const { ok, text } = await ask(statement, query);
    assert.ok(!ok, `not refused: ${statement}${query}\n${text}`);
    assert.ok(!text.includes(secret), `${statement} reads the file`);
    assert.match(text, /^Code: \d+\. DB::Exception: /);
    assert.equal(network.connections(), before, `${statement} reaches the network`);
  };

  await test.step("reads tables, views, and what describes them", async () => {
    const statements = [
      "SELECT * FROM items",
      "WITH 1 AS one SELECT one",
      "(SELECT 1) UNION ALL (SELECT 2)",
      "SELECT * FROM doubled(by = 2)",
      "SELECT items.file, arrayMap(x -> x + 1, [1]), version(), now(), transform(1, [1], [2], 0) FROM items",
      "SHOW TABLES",
      "SHOW CREATE TABLE items",
      "DESCRIBE items",
      "EXISTS items",
      "EXPLAIN SELECT * FROM items",
      "SELECT name FROM system.tables WHERE database = currentDatabase()",
      "SELECT * FROM system.columns, system.settings, system.functions LIMIT 1",
      "SELECT * FROM numbers(3) AS a, values('x Int8', 1) AS b",
      "SELECT 1 -- with a ; comment",
      "SELECT 'file(), INTO OUTFILE; DROP TABLE items, SETTINGS a = 1', 1 AS settings WHERE settings = 1",
    ];
    for (const statement of statements) {
      const { ok, text } = await ask(statement);
      assert.ok(ok, `${statement}\n${text}`);
    }
  });

  await test.step("reads no file", async () => {
    const statements = [
      `SELECT * FROM file('${file}', 'LineAsString')`,
      `SELECT * FROM file('${file}')`,
      `SELECT * FROM \`${file}\``,
      `SELECT * FROM '${file}'`,
      `SELECT * FROM default.\`${file}\``,
      `SELECT 1 IN (SELECT * FROM \`${file}\`)`,
      `DESCRIBE TABLE file('${file}')`,
      `DESCRIBE \`${file}\``,
      `EXPLAIN SELECT * FROM file('${file}')`,
      `EXPLAIN QUERY TREE SELECT * FROM file('${file}')`,
      `SELECT * FROM loop(file('${file}', 'LineAsString'))`,
      `SELECT * FROM viewIfPermitted(SELECT * FROM file('${file}') ELSE null('x String'))`,
      `SELECT * FROM view(SELECT file('${file}'))`,
      `SELECT * FROM fileCluster('default', '${file}')`,
      `SELECT * FROM sqlite('${file}', 'x')`,
      `SELECT * FROM icebergLocal('${folder}')`,
      `SELECT * FROM deltaLakeLocal('${folder}')`,
      `SELECT * FROM filesystem('${folder}')`,
      `SELECT file('${file}')`,
      `SELECT \`file\`('${file}')`,
      `SELECT "file"('${file}')`,
      `SELECT file /* not here */ ('${file}')`,
      `SELECT -- not here\n file\n('${file}')`,
      `SELECT * APPLY(file) FROM (SELECT '${file}')`,
      `SELECT arrayMap(file, ['${file}'])`,
      `SELECT arrayMap(x -> file(x), ['${file}'])`,
      `WITH x -> file(x) AS f SELECT f('${file}')`,
      `SELECT formatRow('CSV', file('${file}'))`,
      `EXPLAIN SELECT file('${file}')`,
      `SELECT 1 WHERE file('${file}') != ''`,
      `SELECT catboostEvaluate('${file}', 1)`,
      "SELECT showCertificate()",
      "SELECT filesystemAvailable()",
    ];
    for (const statement of statements) await refused(statement);
    const byParameter = `?param_f=file&param_p=${encodeURIComponent(file)}`;
    await refused("SELECT arrayMap({f:Identifier}, [{p:String}])", byParameter);
    await refused("SELECT * FROM {p:Identifier}", byParameter);
    await refused(`SELECT arrayMap({f:Identifier}, ['${file}']) FROM items`, "?param_f=%60file%60");
  });

  await test.step("writes no file", async () => {
    const target = `${folder}/written`;
    const statements = [
      `SELECT 1 INTO OUTFILE '${target}'`,
      `SELECT 1 INTO OUTFILE '${target}' APPEND FORMAT CSV`,
      `EXPLAIN SELECT 1 INTO OUTFILE '${target}'`,
      `SHOW TABLES INTO OUTFILE '${target}'`,
      `INSERT INTO FUNCTION file('${target}', 'CSV', 'x Int8') VALUES (1)`,
      `EXPLAIN PIPELINE INSERT INTO FUNCTION file('${target}', 'CSV') SELECT 1`,
      `BACKUP TABLE items TO File('${target}')`,
      `CREATE TABLE written (x Int8) ENGINE = File(CSV, '${target}')`,
    ];
    for (const statement of statements) await refused(statement);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), [
      "secret.csv",
    ]);
  });

  await test.step("reaches no other machine and no other process", async () => {
    const functions = [
      `url('http://${host}/', 'LineAsString')`,
      `url('http://${host}/')`,
      `s3('http://${host}/bucket/key.csv')`,
      `s3('http://${host}/bucket/key.csv', 'CSV', 'x String')`,
      `gcs('http://${host}/bucket/key.csv')`,
      `icebergS3('http://${host}/bucket/key')`,
      `deltaLake('http://${host}/bucket/key')`,
      `hudi('http://${host}/bucket/key')`,
      `hdfs('hdfs://${host}/x', 'CSV')`,
      `remote('${host}', 'system', 'one')`,
      `remoteSecure('${host}', 'system', 'one')`,
      "cluster('default', 'system', 'one')",
      `mysql('${host}', 'd', 't', 'u', 'p')`,
      `postgresql('${host}', 'd', 't', 'u', 'p')`,
      `mongodb('${host}', 'd', 'c', 'u', 'p', 'x String')`,
      `redis('${host}', 'k', 'k String')`,
      "odbc('DSN=x', 'd', 't')",
      "executable('id', 'TSV', 'x String')",
      "python('x')",
      "dictionary('x')",
      "input('x String')",
    ];
    for (const name of functions) {
      await refused(`SELECT * FROM ${name}`);
      await refused(`SELECT * FROM (SELECT * FROM ${name}) LIMIT 1`);
    }
    await refused(`DESCRIBE TABLE url('http://${host}/')`);
    await refused(`DESCRIBE TABLE s3('http://${host}/bucket/key.csv')`);
    await refused(`EXPLAIN TABLE OVERRIDE mysql('${host}', 'a', 'b', 'c', 'd') COLUMNS (x UInt8)`);
    await refused(`SELECT aiGenerate('http://${host}/', 'x', 'y')`);
    await refused("SELECT dictGet('x', 'y', 1)");
    await refused("SELECT addressToLine(1)");
    await refused("SELECT logTrace('x')");
    // These start a process, and interrupt every thread.
    await refused("SELECT * FROM system.models");
    await refused("SELECT * FROM system.stack_trace");
    await refused("SELECT * FROM {d:Identifier}.{t:Identifier}", "?param_d=system&param_t=models");
    await refused("SELECT * FROM merge('system', '^models$')");
  });

  await test.step("does not see what anyone asks, which the server itself does", async () => {
    const statements = [
      "SELECT query FROM system.processes",
      "SELECT query FROM system.processes WHERE NOT ignore(query)",
      "SELECT (SELECT any(query) FROM system.processes) AS query WHERE query != ''",
      "WITH asked AS (SELECT query FROM system.processes) SELECT * FROM asked",
      "SHOW PROCESSLIST",
    ];
    for (const statement of statements) {
      assert.deepEqual(await ask(statement), { ok: true, text: "" }, statement);
    }
    assert.equal((await ask("SELECT count() FROM system.processes")).text, "0\n");
    await refused("SELECT query FROM merge('system', '^processes$')");
    const running = await rowsOf<{ query: string }>(writer, "SELECT query FROM system.processes");
    assert.equal(running.length, 1);
  });

  await test.step("changes nothing", async () => {
    const statements = [
      "INSERT INTO items VALUES (2, 'b')",
      "CREATE TABLE more (x Int8) ENGINE = Memory",
      "CREATE TEMPORARY TABLE more (x Int8)",
      "CREATE FUNCTION more AS x -> x",
      "DROP TABLE items",
      "TRUNCATE TABLE items",
      "ALTER TABLE items DELETE WHERE 1",
      "OPTIMIZE TABLE items FINAL",
      "RENAME TABLE items TO others",
      "ATTACH TABLE system.models",
      "DETACH TABLE items",
      "SYSTEM FLUSH LOGS",
      "KILL QUERY WHERE 1",
      "KILL QUERY WHERE 1 SYNC",
      "GRANT ALL ON *.* TO reader",
      "CREATE USER more",
      "WATCH items",
    ];
    for (const statement of statements) await refused(statement);
    await refused('{"id":2}', "?query=INSERT+INTO+items+FORMAT+JSONEachRow");
    assert.equal((await ask("SELECT count() FROM items")).text, "1\n");
  });

  await test.step("does not become another user, and cannot take its limits away", async () => {
    const statements = [
      "SET ROLE writer",
      "SET ROLE ALL",
      "SET ROLE DEFAULT",
      "EXECUTE AS default SELECT 1",
      "SET readonly = 0",
      "SET max_execution_time = 0",
      "SELECT 1 SETTINGS readonly = 0",
      "SELECT 1 SETTINGS max_execution_time = 0",
      "SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)",
      "WITH x AS (SELECT 1 SETTINGS readonly = 0) SELECT * FROM x",
      "USE system",
      "SELECT * FROM other.items",
      "SHOW CREATE TABLE other.items",
      "SHOW ACCESS",
      "SELECT * FROM system.users",
      "SELECT * FROM system.grants",
      "CHECK TABLE items",
    ];
    for (const statement of statements) await refused(statement);
    await refused("SELECT 1", "?readonly=0");
    await refused("SELECT 1", "?allow_experimental_ai_functions=1");
    await refused("SELECT 1", `?format_template_resultset=${encodeURIComponent(file)}`);
    await refused("SELECT 1", "?database=other");
  });

  await test.step("sends one statement, however it is written", async () => {
    const statements = [
      "SELECT 1; SET ROLE writer",
      "SELECT 1; DROP TABLE items",
      "SET ROLE writer; SELECT 1; this is no SQL",
      "SELECT 1 PARALLEL WITH DROP TABLE items",
      "SELECT 1 -- comment\n; DROP TABLE items",
      "SELECT 'a;' ; DROP TABLE items",
      "SELECT $$a$$; DROP TABLE items",
      "SELECT 1 /* ; */ ; DROP TABLE items",
      "BEGIN TRANSACTION",
    ];
    for (const statement of statements) await refused(statement);
    await refused(new Uint8Array([...new TextEncoder().encode("SELECT '"), 0xc3, 0x27]));
    assert.equal((await ask("SELECT count() FROM items")).text, "1\n");
  });

  await test.step("is stopped by the limits on time, memory and rows", async () => {
    const codeOf = async (statement: string, query = "") =>
      /^Code: (\d+)/.exec((await ask(statement, query)).text)?.[1];
    const endless =
      "SELECT count() FROM numbers(900000000) WHERE NOT ignore(sleepEachRow(0.00001))";
    assert.equal(await codeOf(endless, "?max_execution_time=1"), "159");
    assert.equal(await codeOf("SELECT groupArray(number) FROM numbers(300000000)"), "241");
    assert.equal(await codeOf("SELECT * FROM numbers(2000)", "?max_result_rows=1000"), "396");
    // JSON has to be held whole, so its size has a limit.
    assert.equal(
      await codeOf("SELECT repeat('x', 300 + number % 2) FROM numbers(1000000) FORMAT JSON"),
      "396",
    );
  });

  await Deno.remove(folder, { recursive: true });
});

/** Listens, and counts who comes. */
function countConnections() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let count = 0;
  void (async () => {
    for await (const connection of listener) {
      count++;
      connection.close();
    }
  })();
  return {
    port: listener.addr.port,
    connections: () => count,
    [Symbol.dispose]: () => listener.close(),
  };
}
