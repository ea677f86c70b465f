/** The connection to ClickHouse, for the migrations and for ingestion, and how they ask it. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client";

export type { ClickHouseClient };

/** A request that takes longer has failed: an insert of a batch takes milliseconds, a migration of a large table minutes. */
const requestMsMax = 300_000;

/** @param url Of ClickHouse's HTTP interface; it may hold user, password and database. */
export function connectClickHouse(url: string): ClickHouseClient {
  return createClient({
    url,
    application: "turnlog",
    request_timeout: requestMsMax,
    // Errors are told to the caller, who logs what becomes of them.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** @returns The rows as JSON has them: whole numbers of 64 bits may come as text. */
export async function rowsOf<Row>(
  clickHouse: ClickHouseClient,
  query: string,
  query_params?: Record<string, unknown>,
): Promise<Row[]> {
  return await (await clickHouse.query({ query, query_params, format: "JSONEachRow" })).json<Row>();
}

/** @throws Error where the server does not answer a query of this user. */
export async function pingClickHouse(clickHouse: ClickHouseClient): Promise<void> {
  const result = await clickHouse.ping({ select: true });
  if (!result.success) throw result.error;
}
