/** Inserts rows as one batch, and finds the rows that ClickHouse refuses as data among those that it takes. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { ClickHouseError } from "@clickhouse/client";
import type { ClickHouseClient } from "../clickhouse.ts";
import { type BatchContext, retryForever } from "./retry.ts";

/** A row as it is inserted, by the names of the columns; absent ones take the table's defaults. */
export type Row = Record<string, unknown>;

export interface NamedRow {
  /** The same whenever the same row is inserted again. */
  id: string;
  /** The {@linkcode Row} as JSON: while a batch is gathered, one text is less to the garbage collector than its fields. */
  json: string;
}

export interface Refused<Named extends NamedRow> {
  refused: Named;
  /** What ClickHouse said. */
  reason: string;
}

/** How rows are inserted, whoever inserts them. */
export const insertSettings = {
  async_insert: 0,
  wait_end_of_query: 1,
  // A text in JSON stays one, also where it looks like a time.
  input_format_try_infer_dates: 0,
  input_format_try_infer_datetimes: 0,
} as const;

/**
 * Inserts the rows, however long that takes. A batch with a row that cannot be inserted is split until that row stands
 * alone.
 *
 * @returns The rows that were refused; all others are in the table.
 */
export async function insertRows<Named extends NamedRow>(
  clickHouse: ClickHouseClient,
  table: string,
  rows: Named[],
  context: BatchContext,
): Promise<Refused<Named>[]> {
  if (rows.length === 0) return [];
  const lines = rows.map(({ json }) => json).join("\n");
  const token = tokenOf(context.occasion, rows);
  try {
    await retryForever(
      context,
      `Could not insert ${rows.length} rows into ${table}`,
      () => insertLines(clickHouse, { table, lines, token }),
      isDataError,
    );
    return [];
  } catch (error) {
    if (!isDataError(error)) throw error;
    if (rows.length === 1) return [{ refused: rows[0], reason: error.message }];
    const refused: Refused<Named>[] = [];
    for (const part of split(rows, error.message)) {
      refused.push(...await insertRows(clickHouse, table, part, context));
    }
    return refused;
  }
}

/** The client's own `insert` would make the JSON of the rows once more. */
async function insertLines(
  clickHouse: ClickHouseClient,
  { table, lines, token }: { table: string; lines: string; token: string },
): Promise<void> {
  const { stream } = await clickHouse.exec({
    query: `INSERT INTO ${table} FORMAT JSONEachRow`,
    values: Readable.from([lines], { objectMode: false }),
    clickhouse_settings: { ...insertSettings, insert_deduplication_token: token },
  });
  // Until the answer is read, which is empty, its connection is not free for others.
  stream.resume();
}

/**
 * @param message What ClickHouse said of the rows: most errors name one of them.
 * @returns That row alone, and those before and after it; else the two halves.
 */
function split<Named>(rows: Named[], message: string): Named[][] {
  const number = Number(/\(at row (\d+)\)/.exec(message)?.[1]);
  if (number >= 1 && number <= rows.length) {
    return [rows.slice(0, number - 1), [rows[number - 1]], rows.slice(number)];
  }
  const middle = Math.ceil(rows.length / 2);
  return [rows.slice(0, middle), rows.slice(middle)];
}

/**
 * Names a batch by what is in it, so that ClickHouse drops one that it has. Offsets would not do: they begin anew with a
 * new topic, and other rows would be taken for those that had them before.
 */
function tokenOf(occasion: string, rows: NamedRow[]): string {
  const hash = createHash("sha256").update(`${occasion}\n`);
  for (const { id } of rows) hash.update(`${id}\n`);
  return hash.digest("hex");
}

/** ClickHouse's codes for values that it cannot take, however often they are sent. Any other error may pass. */
const dataErrorCodes = new Set([
  "6", // CANNOT_PARSE_TEXT
  "25", // CANNOT_PARSE_ESCAPE_SEQUENCE
  "26", // CANNOT_PARSE_QUOTED_STRING
  "27", // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  "33", // CANNOT_READ_ALL_DATA
  "38", // CANNOT_PARSE_DATE
  "41", // CANNOT_PARSE_DATETIME
  "53", // TYPE_MISMATCH
  "69", // ARGUMENT_OUT_OF_BOUND
  "70", // CANNOT_CONVERT_TYPE
  "72", // CANNOT_PARSE_NUMBER
  "117", // INCORRECT_DATA
  "131", // TOO_LARGE_STRING_SIZE
  "306", // TOO_DEEP_RECURSION
  "321", // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  "349", // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  "376", // CANNOT_PARSE_UUID
  "407", // DECIMAL_OVERFLOW
  "467", // CANNOT_PARSE_BOOL
  "691", // UNKNOWN_ELEMENT_OF_ENUM
]);

function isDataError(error: unknown): error is ClickHouseError {
  return error instanceof ClickHouseError &&
    (dataErrorCodes.has(error.code) || spansTooMuch(error));
}

/** Events from more than a hundred months do not fit into one insert, but into its halves; the code has other meanings too. */
function spansTooMuch({ code, message }: ClickHouseError): boolean {
  return code === "252" && message.includes("Too many partitions for single INSERT block");
}
