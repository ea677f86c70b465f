/**
 * Brings ClickHouse to the newest version: the tables by migrations, each applied once, and the views, which are made
 * anew each time. There are no transactions and no locks over several statements in ClickHouse, so every statement of a
 * migration must do no harm when it runs twice (IF NOT EXISTS): after a crash, or when two processes migrate at once.
 */
import { type ClickHouseClient, connectClickHouse, rowsOf } from "./clickhouse.ts";
import { applyRetention, type Retention } from "./retention.ts";
import { splitStatements } from "./split_statements.ts";

const migrationsFolder = new URL("./migrations/", import.meta.url);
/** Of what charts are counted from, of the dashboard's charts, and of the results of experiments. */
const viewsFolders = [
  new URL("./rollup/", import.meta.url),
  new URL("./views/", import.meta.url),
  new URL("./experiments/", import.meta.url),
];

interface SqlFile {
  /** The file's name without `.sql`. */
  name: string;
  text: string;
  checksum: string;
}

export interface Migrated {
  /** The migrations that were applied now. */
  applied: string[];
  /** How many views there are. */
  views: number;
}

/**
 * @param url Of ClickHouse's HTTP interface, with a user who may create tables.
 * @param retention How long rows are kept; as it was where it is absent.
 * @throws Error where a migration that was applied has changed, or is not known here any more.
 */
export async function migrate(
  { url, retention, migrations = migrationsFolder, views = viewsFolders }: {
    url: string;
    retention?: Retention;
    migrations?: URL;
    views?: URL[];
  },
): Promise<Migrated> {
  const clickHouse = connectClickHouse(url);
  try {
    await clickHouse.command({ query: bookkeeping.migrations });
    await clickHouse.command({ query: bookkeeping.views });
    const applied = await applyMigrations(clickHouse, await readSqlFiles(migrations));
    if (retention) await applyRetention(clickHouse, retention);
    const files = await Promise.all(views.map(readSqlFiles));
    const count = await makeViews(clickHouse, files.flat());
    return { applied, views: count };
  } finally {
    await clickHouse.close();
  }
}

const bookkeeping = {
  migrations: `
    CREATE TABLE IF NOT EXISTS schema_migrations
    (name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
    ENGINE = ReplacingMergeTree ORDER BY name
    COMMENT 'The migrations that were applied, by their files'`,
  // A view is dropped when its file is gone, but only a view that was made from a file.
  views: `
    CREATE TABLE IF NOT EXISTS schema_views
    (name String, made_at DateTime64(3, 'UTC') DEFAULT now64(3))
    ENGINE = ReplacingMergeTree ORDER BY name
    COMMENT 'The views that were made from files'`,
};

async function applyMigrations(clickHouse: ClickHouseClient, files: SqlFile[]): Promise<string[]> {
  const done = await rowsOf<{ name: string; checksum: string }>(
    clickHouse,
    "SELECT name, checksum FROM schema_migrations FINAL ORDER BY name",
  );
  const known = new Set(files.map(({ name }) => name));
  const unknown = done.find(({ name }) => !known.has(name));
  if (unknown !== undefined) {
    throw new Error(
      `Cannot migrate ClickHouse: it has the migration ${unknown.name}, which is not known here. ` +
        "Start the newer Turnlog that applied it",
    );
  }
  const checksums = new Map(done.map(({ name, checksum }) => [name, checksum]));
  const applied: string[] = [];
  for (const { name, text, checksum } of files) {
    const before = checksums.get(name);
    if (before === checksum) continue;
    if (before !== undefined) {
      throw new Error(
        `Cannot migrate ClickHouse: the migration ${name} was applied and has been changed since. ` +
          "Restore the file, and put the change into a new migration",
      );
    }
    await runFile(clickHouse, name, text);
    await clickHouse.insert({
      table: "schema_migrations",
      values: [{ name, checksum }],
      format: "JSONEachRow",
    });
    applied.push(name);
  }
  return applied;
}

async function makeViews(clickHouse: ClickHouseClient, files: SqlFile[]): Promise<number> {
  for (const { name, text } of files) await runFile(clickHouse, name, text);
  await clickHouse.insert({
    table: "schema_views",
    values: files.map(({ name }) => ({ name })),
    format: "JSONEachRow",
  });
  const abandoned = await rowsOf<{ name: string }>(
    clickHouse,
    `SELECT DISTINCT name FROM schema_views
     WHERE name NOT IN (SELECT arrayJoin({kept:Array(String)}))
       AND name IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View')`,
    { kept: files.map(({ name }) => name) },
  );
  for (const { name } of abandoned) {
    await clickHouse.command({
      query: "DROP VIEW IF EXISTS {name:Identifier}",
      query_params: { name },
    });
  }
  return files.length;
}

async function runFile(clickHouse: ClickHouseClient, name: string, sql: string): Promise<void> {
  for (const query of splitStatements(sql)) {
    try {
      await clickHouse.command({ query });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : cause;
      throw new Error(`Cannot migrate ClickHouse: ${name}.sql failed: ${reason}`, { cause });
    }
  }
}

/** @returns The folder's `.sql` files in the order of their names. */
async function readSqlFiles(folder: URL): Promise<SqlFile[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && entry.name.endsWith(".sql")) names.push(entry.name);
  }
  return await Promise.all(
    names.sort().map(async (file) => {
      const text = await Deno.readTextFile(new URL(file, folder));
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      return {
        name: file.slice(0, -".sql".length),
        text,
        checksum: new Uint8Array(digest).toHex(),
      };
    }),
  );
}
