/** Runs an analyst's SQL on ClickHouse: as a user who may only read, a few at a time, with an end to what is answered. */
import type { AnalystFormat, AnalystRows, AnalystTable } from "../../events/contract/api.ts";
import { ProblemError } from "../problem.ts";
import { type ClickHouseAnswer, ClickHouseHttp } from "./clickhouse_http.ts";
import { queryProblem } from "./query_problem.ts";
import { requireReader } from "./reader_check.ts";
import { readRows } from "./row_lines.ts";
import { readTables } from "./tables.ts";

/** How many queries one api process has under way: the dashboard's charts are to have their turn. */
const runningMax = 3;
/** The most rows of an answer in JSON, which is made to be looked at. */
export const answerRowsMax = 10_000;
/** The most bytes of such an answer, as ClickHouse writes it. */
const answerBytesMax = 16 * 1024 * 1024;
/** The most rows of a file. */
export const fileRowsMax = 1_000_000;
/** How long it is believed that ClickHouse's user may only read. */
const checkedMs = 60_000;

/** The files that a result can be had as. */
const files: Record<Exclude<AnalystFormat, "json">, { format: string; contentType: string }> = {
  jsonl: { format: "JSONEachRow", contentType: "application/jsonl; charset=utf-8" },
  csv: { format: "CSVWithNames", contentType: "text/csv; charset=utf-8; header=present" },
  parquet: { format: "Parquet", contentType: "application/vnd.apache.parquet" },
};

export type FileFormat = keyof typeof files;

/** What a person reads, and programs may rely on: no number that JSON cannot hold, no time without its zone. */
const readable = {
  date_time_output_format: "iso",
  output_format_json_quote_64bit_integers: "1",
  output_format_json_quote_denormals: "1",
};

export class AnalystQueries {
  readonly #clickHouse: ClickHouseHttp;
  #running = 0;
  #checkedUntilMs = 0;

  /** @param url ClickHouse's, with a user who may only read. */
  constructor(url: string) {
    this.#clickHouse = new ClickHouseHttp(url);
  }

  /**
   * @param signal Ends the query.
   * @returns At most {@linkcode answerRowsMax} rows, and whether there are more.
   * @throws ProblemError where ClickHouse does not carry it out; its `errors` say where the mistake is.
   */
  async rows(sql: string, signal: AbortSignal): Promise<AnalystRows> {
    using _place = this.#enter();
    const answer = await this.#ask(sql, signal, "JSONCompactEachRowWithNamesAndTypes", {
      ...readable,
      // One more than is answered, to know whether there are more; the engine stops at the end of a block.
      max_result_rows: String(answerRowsMax + 1),
      result_overflow_mode: "break",
      // An error has its proper status, since nothing was sent before it.
      wait_end_of_query: "1",
    });
    const read = await readRows(answer.body, { rowsMax: answerRowsMax, bytesMax: answerBytesMax });
    const { readRows: rowsRead = 0, durationMs = 0 } = answer.summary ?? {};
    return { ...read, rowsRead, durationMs };
  }

  /**
   * @returns The result as a file, while ClickHouse writes it.
   * @throws ProblemError as {@linkcode rows}; a result of more than {@linkcode fileRowsMax} rows is too costly.
   */
  async file(
    sql: string,
    name: FileFormat,
    signal: AbortSignal,
  ): Promise<{ contentType: string; body: ReadableStream<Uint8Array<ArrayBuffer>> }> {
    const { format, contentType } = files[name];
    const place = this.#enter();
    try {
      const { body } = await this.#ask(sql, signal, format, {
        max_result_rows: String(fileRowsMax),
      });
      return { contentType, body: endingWith(body, () => place[Symbol.dispose]()) };
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  }

  /** @returns What a query may read; of Turnlog's own bookkeeping nothing. */
  async tables(signal: AbortSignal): Promise<AnalystTable[]> {
    return await readTables(this.#clickHouse, signal);
  }

  async #ask(
    sql: string,
    signal: AbortSignal,
    format: string,
    settings: Record<string, string>,
  ): Promise<ClickHouseAnswer> {
    if (this.#checkedUntilMs < Date.now()) {
      await requireReader(this.#clickHouse, signal);
      this.#checkedUntilMs = Date.now() + checkedMs;
    }
    try {
      const answer = await this.#clickHouse.query(sql, {
        settings: { ...settings, default_format: format },
        signal,
      });
      if (answer.format === format) return answer;
      await answer.body.cancel();
    } catch (error) {
      throw queryProblem(error, sql);
    }
    throw new ProblemError(
      "query-wrong",
      "The query has a FORMAT of its own. Leave it out, and say format: json, jsonl, csv or parquet beside sql",
    );
  }

  #enter(): Disposable {
    if (this.#running >= runningMax) {
      throw new ProblemError(
        "query-busy",
        `${this.#running} queries are running, which is the most at a time. Try again in a moment`,
      );
    }
    this.#running++;
    let left = false;
    return {
      [Symbol.dispose]: () => {
        if (!left) this.#running--;
        left = true;
      },
    };
  }
}

/** The same stream; `onEnd` is called when it ends, breaks, or nobody reads it any more. */
function endingWith(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onEnd: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      onEnd();
    },
    async cancel(reason) {
      onEnd();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 1 });
}
