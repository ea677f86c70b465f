/**
 * ClickHouse's HTTP interface as an analyst's query needs it: the statement as it was written, the answer as a stream, and
 * errors with their codes. The official client is made for programs that know their queries: it adds a FORMAT to them.
 */
import { ProblemError } from "../problem.ts";
import { analyticsUnavailable } from "./analytics_unavailable.ts";

/** An error that ClickHouse reports; `message` is its own, without what it repeats in every one. */
export class ClickHouseError extends Error {
  override name = "ClickHouseError";
  /** As in ClickHouse's `system.errors`. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** How long ClickHouse may take to begin an answer: longer than a reader's query may run. */
const beginMsMax = 45_000;

export interface ClickHouseAnswer {
  /** The format in which ClickHouse wrote it: another than was asked for, where the statement names one. */
  format: string | null;
  /** Rows that were read from tables, and how long it took; null where ClickHouse knew it only at the end. */
  summary: { readRows: number; durationMs: number } | null;
  body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

export class ClickHouseHttp {
  readonly #endpoint: string;
  readonly #headers: Record<string, string>;
  /** Who asks, for messages. */
  readonly user: string;

  /** @param url With the user, the password and the database in it, as the official client takes it. */
  constructor(url: string) {
    const { origin, username, password, pathname } = new URL(url);
    const database = decodeURIComponent(pathname.slice(1));
    this.#endpoint = origin;
    this.user = decodeURIComponent(username) || "default";
    this.#headers = {
      "x-clickhouse-user": this.user,
      "x-clickhouse-key": decodeURIComponent(password),
      ...(database !== "" && { "x-clickhouse-database": database }),
    };
  }

  /**
   * Sends one statement. ClickHouse ends it when the signal is aborted.
   *
   * @param settings ClickHouse's, and those of its interface.
   * @throws ClickHouseError with what ClickHouse says; ProblemError where it says nothing.
   */
  async query(
    sql: string,
    { settings = {}, signal }: { settings?: Record<string, string>; signal: AbortSignal },
  ): Promise<ClickHouseAnswer> {
    const parameters = new URLSearchParams({
      ...settings,
      cancel_http_readonly_queries_on_client_close: "1",
    });
    const response = await this.#send(`${this.#endpoint}/?${parameters}`, sql, signal);
    if (response.ok) {
      return {
        format: response.headers.get("x-clickhouse-format"),
        summary: readSummary(response.headers.get("x-clickhouse-summary")),
        body: response.body ?? new Blob([]).stream(),
      };
    }
    const text = await response.text();
    const code = Number(response.headers.get("x-clickhouse-exception-code"));
    if (code > 0) throw new ClickHouseError(code, plainMessage(text));
    throw analyticsUnavailable(
      new Error(`ClickHouse answered ${response.status}: ${text.slice(0, 200)}`),
    );
  }

  async #send(url: string, body: string, cancelled: AbortSignal): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), beginMsMax);
    const signal = AbortSignal.any([cancelled, late.signal]);
    try {
      return await fetch(url, { method: "POST", body, headers: this.#headers, signal });
    } catch (error) {
      if (!cancelled.aborted) throw analyticsUnavailable(error);
      throw new ProblemError("query-cancelled", "The request ended before the query did");
    } finally {
      clearTimeout(timer);
    }
  }
}

function readSummary(text: string | null): ClickHouseAnswer["summary"] {
  if (text === null) return null;
  const { read_rows, elapsed_ns } = JSON.parse(text);
  return { readRows: Number(read_rows ?? 0), durationMs: Number(elapsed_ns ?? 0) / 1e6 };
}

/** `Code: 497. DB::Exception: reader: Not enough … (ACCESS_DENIED) (version …)` → `Not enough …`. */
function plainMessage(text: string): string {
  return text.trim()
    .replace(/^Code: \d+\. DB::Exception: /, "")
    .replace(/^[\w-]+: (?=Not enough privileges|Cannot execute query)/, "")
    .replace(/ \(version [^)]*\)$/, "")
    .replace(/\.? \([A-Z_]+\)$/, "");
}
