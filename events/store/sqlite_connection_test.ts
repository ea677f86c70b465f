import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { SqliteConnection } from "./sqlite_connection.ts";

/** Runs it with a connection to a file with a table `words`, and with a second reader of that file. */
async function withConnection(
  run: (connection: SqliteConnection, words: () => string[], path: string) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/test.db`;
  const connection = new SqliteConnection(path);
  connection.run("CREATE TABLE words (word TEXT UNIQUE)");
  const reader = new DatabaseSync(path, { readOnly: true });
  const words = () => reader.prepare("SELECT word FROM words").all().map(({ word }) => `${word}`);
  try {
    await run(connection, words, path);
  } finally {
    reader.close();
    connection.close();
    Deno.removeSync(folder, { recursive: true });
  }
}

const insert = (connection: SqliteConnection, word: string) => () => {
  connection.run("INSERT INTO words VALUES (?)", word);
  return word;
};

Deno.test("what is written at one moment becomes readable at once, and only when it is told", () =>
  withConnection(async (connection, words) => {
    const seen: string[][] = [];
    const writes = ["a", "b", "c"].map((word) =>
      connection.transaction(insert(connection, word)).then((result) => {
        seen.push(words());
        return result;
      })
    );
    assert.deepEqual(words(), []);
    assert.deepEqual(await Promise.all(writes), ["a", "b", "c"]);
    assert.deepEqual(seen[0], ["a", "b", "c"], "one commit");
  }));

Deno.test("a write sees those before it, and one that fails takes only its own back", () =>
  withConnection(async (connection, words) => {
    const [first, failing, last] = await Promise.allSettled([
      connection.transaction(insert(connection, "a")),
      connection.transaction(() => {
        connection.run("INSERT INTO words VALUES ('b')");
        connection.run("INSERT INTO words VALUES ('a')");
      }),
      connection.transaction(() =>
        connection.get<{ count: number }>(
          "SELECT count(*) AS count FROM words",
        )!.count
      ),
    ]);
    assert.equal(first.status, "fulfilled");
    assert.match(`${failing.status === "rejected" && failing.reason}`, /UNIQUE/);
    assert.equal(last.status === "fulfilled" && last.value, 1);
    assert.deepEqual(words(), ["a"]);
  }));

Deno.test("where nothing can be committed, every write fails, and the next ones do not", () =>
  withConnection(async (connection, words, path) => {
    connection.all("PRAGMA busy_timeout = 0");
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const blocked = await Promise.allSettled(
      ["a", "b"].map((word) => connection.transaction(insert(connection, word))),
    );
    assert.deepEqual(blocked.map(({ status }) => status), ["rejected", "rejected"]);
    other.exec("ROLLBACK");
    other.close();
    await connection.transaction(insert(connection, "c"));
    assert.deepEqual(words(), ["c"]);
  }));

Deno.test("what waits when the store closes is written", () =>
  withConnection(async (connection, words) => {
    const write = connection.transaction(insert(connection, "a"));
    connection.close();
    assert.equal(await write, "a");
    await assert.rejects(connection.transaction(insert(connection, "b")), /The store is closed/);
    assert.deepEqual(words(), ["a"]);
  }));
