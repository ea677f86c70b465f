/** What is told of a query that ClickHouse did not carry out: which of four things was wrong, and in an analyst's, where. */
import type { Problem } from "../../events/contract/api.ts";
import { ProblemError, type ProblemKind } from "../problem.ts";
import { ClickHouseError } from "./clickhouse_http.ts";

/** ClickHouse's codes, by what they mean to the one who asked; every other one is a mistake in the query. */
const kindsByCode = new Map<number, ProblemKind>([
  ...codes("query-refused", {
    NOT_IMPLEMENTED: 48,
    READONLY: 164,
    DATABASE_ACCESS_DENIED: 291,
    QUERY_IS_PROHIBITED: 392,
    SETTING_CONSTRAINT_VIOLATION: 452,
    ACCESS_DENIED: 497,
  }),
  ...codes("query-too-costly", {
    TOO_MANY_ROWS: 158,
    TIMEOUT_EXCEEDED: 159,
    TOO_SLOW: 160,
    MEMORY_LIMIT_EXCEEDED: 241,
    TOO_MANY_BYTES: 307,
    TOO_MANY_ROWS_OR_BYTES: 396,
  }),
  ...codes("query-busy", { TOO_MANY_SIMULTANEOUS_QUERIES: 202 }),
]);

function codes(kind: ProblemKind, named: Record<string, number>): [number, ProblemKind][] {
  return Object.values(named).map((code) => [code, kind]);
}

/** What to do about it. */
const advice: Partial<Record<ProblemKind, string>> = {
  "query-refused":
    "A query may read the tables and views of this database; files, the network, other servers, other processes, " +
    "settings and changes are out of its reach",
  "query-too-costly": "Ask for less: a shorter time, fewer columns, a LIMIT",
  "query-busy": "Try again in a moment",
};

/**
 * @param error Thrown by a query.
 * @returns What is told of it: as it is, where ClickHouse has not reported it.
 */
export function queryProblem(error: unknown, sql: string): unknown {
  if (!(error instanceof ClickHouseError)) return error;
  const { code, message } = error;
  return codeProblem(code, message, error, [{ path: "sql", message, ...placeOf(message, sql) }]);
}

/**
 * @param code ClickHouse's, as in `system.errors`.
 * @param errors What is told besides, where the query itself is wrong.
 */
export function codeProblem(
  code: number,
  message: string,
  cause: unknown,
  errors?: Problem["errors"],
): ProblemError {
  const kind = kindsByCode.get(code) ?? "query-wrong";
  const detail = [message, advice[kind]].filter(Boolean).join(". ");
  return new ProblemError(kind, detail, { cause, ...(kind === "query-wrong" && { errors }) });
}

/**
 * Where in the statement the mistake is: a syntax error says it, as a number of bytes; for an unknown name, where that
 * name stands first.
 */
export function placeOf(
  message: string,
  sql: string,
): Pick<NonNullable<Problem["errors"]>[number], "line" | "column"> {
  const position = /failed at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return placeAt(sql, characterOfByte(sql, Number(position) - 1));
  const name = /\b(?:identifier|with name|column) [`'"]?([\w.]+)/.exec(message)?.[1] ??
    /[Tt]able \w+\.`?(\w+)/.exec(message)?.[1];
  const index = name === undefined ? -1 : sql.search(new RegExp(`\\b${RegExp.escape(name)}\\b`));
  return index === -1 ? {} : placeAt(sql, index);
}

function characterOfByte(text: string, offset: number): number {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, offset)).length;
}

/** Both from 1; the column in UTF-16 code units, as editors count. */
function placeAt(text: string, index: number): { line: number; column: number } {
  const lines = text.slice(0, index).split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
