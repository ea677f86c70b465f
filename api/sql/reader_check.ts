/**
 * Whether the user with whom queries of analysts are asked is one who may only read, within limits. The api does not judge
 * statements: ClickHouse does, by the rights of that user, so nothing is run for an analyst before this is known.
 */
import { ProblemError } from "../problem.ts";
import { ClickHouseError, type ClickHouseHttp } from "./clickhouse_http.ts";

/** Settings of ClickHouse that must limit the reader, so that no query takes the server from all others. */
const limits = ["max_execution_time", "max_memory_usage", "max_rows_to_read", "max_result_rows"];

/** Each leaves the database by another way; a user who may describe one may read through it. */
const waysOut = [
  "url('http://127.0.0.1:9/', 'LineAsString', 'line String')",
  "file('turnlog', 'LineAsString', 'line String')",
  "remote('127.0.0.1:9', 'system', 'one')",
  "s3('http://127.0.0.1:9/bucket/key', 'LineAsString', 'line String')",
];

/** ClickHouse's codes for READONLY and ACCESS_DENIED. */
const refusals = [164, 497];

const wayToReader = "Make a user who may only read with CLICKHOUSE_READER_URL and " +
  "`deno task setup clickhouse`: docs/connect.md says how";

/** @throws ProblemError that says what the user may do and should not. */
export async function requireReader(
  clickHouse: ClickHouseHttp,
  signal: AbortSignal,
): Promise<void> {
  const problem = await findProblem(clickHouse, signal);
  if (problem === null) return;
  throw new ProblemError(
    "query-unavailable",
    `Queries are not run as ClickHouse's user ${clickHouse.user}, who ${problem}. ${wayToReader}`,
  );
}

async function findProblem(
  clickHouse: ClickHouseHttp,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    return await findUnlimited(clickHouse, signal) ?? await findWayOut(clickHouse, signal);
  } catch (error) {
    if (!(error instanceof ClickHouseError)) throw error;
    return `cannot be checked: ${error.message}`;
  }
}

interface Setting {
  name: string;
  value: string;
  /** 1 where the user cannot change it. */
  readonly: 0 | 1;
  /** What the user can set it to at least and at most; null where anything goes. 0 would be no limit. */
  min: string | null;
  max: string | null;
}

async function findUnlimited(
  clickHouse: ClickHouseHttp,
  signal: AbortSignal,
): Promise<string | null> {
  const names = ["readonly", ...limits].map((name) => `'${name}'`).join();
  const { body } = await clickHouse.query(
    `SELECT name, value, readonly, min, max FROM system.settings WHERE name IN (${names})`,
    { settings: { default_format: "JSONEachRow" }, signal },
  );
  const lines = (await new Response(body).text()).trim().split("\n");
  const settings: Setting[] = lines.map((line) => JSON.parse(line));
  const readonly = settings.find(({ name }) => name === "readonly")!;
  if (readonly.value === "0") return "may write (its setting readonly is 0)";
  const free = settings.filter(({ name, value, readonly, min, max }) =>
    limits.includes(name) &&
    (Number(value) === 0 || readonly === 0 && (max === null || !(Number(min) > 0)))
  );
  return free.length === 0 ? null : `has no limit to ${free.map(({ name }) => name).join(", ")}`;
}

async function findWayOut(clickHouse: ClickHouseHttp, signal: AbortSignal): Promise<string | null> {
  for (const way of waysOut) {
    try {
      const { body } = await clickHouse.query(`DESCRIBE TABLE ${way}`, { signal });
      await body.cancel();
      return `may use the table function ${way.split("(")[0]}`;
    } catch (error) {
      if (!(error instanceof ClickHouseError && refusals.includes(error.code))) throw error;
    }
  }
  return null;
}
