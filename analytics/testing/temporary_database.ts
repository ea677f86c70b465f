/** A database of its own on the ClickHouse that `CLICKHOUSE_URL` names, for tests. */
import { readTestVariable } from "./config.ts";
import { type ClickHouseClient, connectClickHouse, rowsOf } from "../clickhouse.ts";

export interface TemporaryDatabase {
  /** The server's address with the database, and with a user who may write. */
  url: string;
  client: ClickHouseClient;
  rows<Row>(query: string, parameters?: Record<string, unknown>): Promise<Row[]>;
  /** Drops it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Needs `CLICKHOUSE_URL` with the name and password of a user who may write; `deno task test` sets it. */
export async function createTemporaryDatabase(): Promise<TemporaryDatabase> {
  const server = readTestVariable("CLICKHOUSE_URL");
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const administrator = connectClickHouse(server);
  await administrator.command({ query: `CREATE DATABASE ${name}` });
  const client = connectClickHouse(url.href);
  return {
    url: url.href,
    client,
    rows<Row>(query: string, parameters?: Record<string, unknown>) {
      return rowsOf<Row>(client, query, parameters);
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await administrator.command({ query: `DROP DATABASE ${name} SYNC` });
      await administrator.close();
    },
  };
}
