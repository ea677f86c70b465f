import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { usersConfiguration } from "./clickhouse_configuration.ts";

interface ChdbSession {
  queryAsync(sql: string, options: { format: string }): Promise<{ text(): string }>;
  close(): void;
}

/** Asks the engine that reads the users' file as a server does, as the user `default`. */
async function asDefault(
  test: (query: (sql: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${folder}/users.xml`, usersConfiguration("a password"));
  Deno.writeTextFileSync(
    `${folder}/config.xml`,
    `<clickhouse><users_config>${folder}/users.xml</users_config></clickhouse>`,
  );
  const require = createRequire(`${Deno.env.get("TURNLOG_CHDB")}/node_modules/chdb/`);
  const { Session } = require("chdb");
  const session: ChdbSession = new Session(`${folder}/data`, {
    connectionArgs: [`--config-file=${folder}/config.xml`],
  });
  try {
    await test(async (sql) => (await session.queryAsync(sql, { format: "TSV" })).text().trim());
  } finally {
    session.close();
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("on a ClickHouse server the user without a password may read, within limits, and nothing else", () =>
  asDefault(async (query) => {
    assert.equal(await query("SELECT currentUser(), sum(number) FROM numbers(5)"), "default\t10");
    await query("SET max_execution_time = 10");
    await assert.rejects(() => query("SET max_execution_time = 100"), /shouldn't be greater/);
    for (
      const refused of [
        "CREATE TABLE default.t (a Int8) ENGINE = MergeTree ORDER BY a",
        "SELECT * FROM file('/etc/passwd', LineAsString)",
        "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
        "SELECT * FROM remote('127.0.0.1', system.one)",
        "SELECT * FROM system.users",
      ]
    ) await assert.rejects(() => query(refused), /Not enough privileges|readonly/, refused);
  }));
