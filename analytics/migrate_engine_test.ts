import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { migrate } from "./migrate.ts";
import { createTemporaryDatabase } from "./temporary_database.ts";

/** Files of SQL in folders of their own, which a test may change. */
async function temporaryFiles() {
  const root = await Deno.makeTempDir({ prefix: "turnlog_migrations_" });
  const folder = (name: string) => pathToFileURL(`${root}/${name}/`);
  await Promise.all(["migrations", "views"].map((name) => Deno.mkdir(folder(name))));
  return {
    migrations: folder("migrations"),
    views: folder("views"),
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
