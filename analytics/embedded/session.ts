/**
 * A session on the engine: one statement at a time, with its result whole or in pieces, or with rows that come in pieces.
 * Every call is a call of chDB's C interface, and copies what it gets before it gives the memory back.
 */
import { ClickHouseException } from "./clickhouse_exception.ts";
import type { Libchdb } from "./libchdb.ts";

const encoder = new TextEncoder();

/** What the engine's parser says about a text. */
export interface Classification {
  /** How many statements it has; 0 where it does not parse. */
  statements: number;
  /** `reads`: leaves no trace; `writes`: changes a database; `other`: everything else, such as INTO OUTFILE, SET, KILL. */
  kind: "reads" | "writes" | "other" | "unknown";
}

export interface QueryResult {
  body: Uint8Array<ArrayBuffer>;
  summary: Summary;
}

/** A result in pieces. Calls run one after another, whoever makes them. */
export interface ResultStream {
  /** @returns The next piece, null after the last one. */
  next(): Promise<QueryResult | null>;
  /** Ends the query where it has not, and frees what it holds. Must be called. */
  end(): Promise<void>;
}

export interface Summary {
  readRows: bigint;
  readBytes: bigint;
  writtenRows: bigint;
  writtenBytes: bigint;
  resultRows: bigint;
  resultBytes: bigint;
  elapsedNs: bigint;
}

/** One session: one statement at a time. */
export class Session {
  readonly #library: Libchdb;
  readonly #handle: Deno.PointerObject;
  readonly #connection: Deno.PointerObject;
  #closed = false;

  constructor(library: Libchdb, handle: Deno.PointerObject) {
    this.#library = library;
    this.#handle = handle;
    this.#connection = Deno.UnsafePointer.create(
      new Deno.UnsafePointerView(handle).getBigUint64(),
    )!;
  }

  /** Parses a text, running nothing of it. */
  async classify(sql: string | Uint8Array): Promise<Classification> {
    const text = bytesOf(sql);
    const report = new Uint32Array([16, 0, 0, 0]);
    const output = new Uint8Array(report.buffer);
    const state = await this.#library.chdb_classify_query_n(
      this.#connection,
      text,
      BigInt(text.length),
      null,
      0n,
      output,
    );
    keepAlive(text, output);
    const kinds = ["reads", "writes", "other", "other", "unknown"] as const;
    return state === 0
      ? { statements: report[1], kind: kinds[report[3]] ?? "unknown" }
      : { statements: 0, kind: "unknown" };
  }

  /**
   * Runs a text whole, with its result in memory.
   *
   * @param format The output format, where the text names none.
   */
  async run(sql: string | Uint8Array, format = "TabSeparated"): Promise<QueryResult> {
    const [text, name] = [bytesOf(sql), bytesOf(format)];
    const result = await this.#library.chdb_query_n(
      this.#connection,
      text,
      BigInt(text.length),
      name,
      BigInt(name.length),
    );
    keepAlive(text, name);
    return this.#take(result);
  }

  /** Runs one SELECT, with its result in pieces. The engine refuses anything else here, by its parser. */
  async stream(sql: string, format: string): Promise<ResultStream> {
    const [text, name] = [encoder.encode(sql), encoder.encode(format)];
    const stream = await this.#library.chdb_stream_query_n(
      this.#connection,
      text,
      BigInt(text.length),
      name,
      BigInt(name.length),
    );
    keepAlive(text, name);
    const error = this.#errorOf(stream);
    if (error !== null || stream === null) {
      this.#library.chdb_destroy_query_result(stream);
      throw ClickHouseException.fromEngine(error ?? "The engine did not start the query");
    }
    let state: "open" | "done" | "ended" = "open";
    const next = async () => {
      if (state !== "open") return null;
      state = "done";
      const piece = this.#take(
        await this.#library.chdb_stream_fetch_result(this.#connection, stream),
      );
      if (piece.body.length === 0) return null;
      state = "open";
      return piece;
    };
    const end = async () => {
      if (state === "ended") return;
      const unread = state === "open";
      state = "ended";
      if (unread) await this.#library.chdb_stream_cancel_query(this.#connection, stream);
      this.#library.chdb_destroy_query_result(stream);
    };
    return inTurn({ next, end });
  }

  /**
   * Runs one INSERT whose rows come in pieces, which may begin and end anywhere in a row.
   *
   * @param sql The statement up to, but without, `FORMAT` or `VALUES`.
   * @throws Where reading the pieces throws, the rows that were not yet inserted are dropped.
   */
  async insert(
    sql: string,
    format: string,
    pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  ): Promise<QueryResult> {
    const [text, name] = [bytesOf(sql), bytesOf(format)];
    const stream = await this.#library.chdb_stream_insert_n(
      this.#connection,
      text,
      BigInt(text.length),
      name,
      BigInt(name.length),
    );
    keepAlive(text, name);
    try {
      const error = this.#library.chdb_stream_insert_error(stream);
      if (error !== null) throw ClickHouseException.fromEngine(textAt(error));
      for await (const piece of pieces) {
        if (piece.length === 0) continue;
        const state = await this.#library.chdb_stream_append(stream, piece, BigInt(piece.length));
        keepAlive(piece);
        // The reason comes with the end of the stream.
        if (state !== 0) break;
      }
      return this.#take(await this.#library.chdb_stream_done(stream));
    } finally {
      // Cancels the insert, unless it was brought to its end.
      await this.#library.chdb_destroy_insert_stream(stream);
    }
  }

  /** Waits for the statement that runs, if one does. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#library.chdb_close_conn(this.#handle);
  }

  /** Copies a result into JavaScript and gives its memory back. */
  #take(result: Deno.PointerValue): QueryResult {
    try {
      const error = this.#errorOf(result);
      if (error !== null) throw ClickHouseException.fromEngine(error);
      const length = Number(this.#library.chdb_result_length(result));
      const buffer = this.#library.chdb_result_buffer(result);
      const body = new Uint8Array(length);
      if (buffer !== null && length > 0) Deno.UnsafePointerView.copyInto(buffer, body);
      return {
        body,
        summary: {
          readRows: this.#library.chdb_result_storage_rows_read(result),
          readBytes: this.#library.chdb_result_storage_bytes_read(result),
          writtenRows: this.#library.chdb_result_rows_written(result),
          writtenBytes: this.#library.chdb_result_bytes_written(result),
          resultRows: this.#library.chdb_result_rows_read(result),
          resultBytes: this.#library.chdb_result_bytes_read(result),
          elapsedNs: BigInt(Math.round(this.#library.chdb_result_elapsed(result) * 1e9)),
        },
      };
    } finally {
      this.#library.chdb_destroy_query_result(result);
    }
  }

  #errorOf(result: Deno.PointerValue): string | null {
    const error = this.#library.chdb_result_error(result);
    return error === null ? null : textAt(error);
  }
}

function inTurn({ next, end }: ResultStream): ResultStream {
  let last: Promise<unknown> = Promise.resolve();
  const after = <Result>(call: () => Promise<Result>): Promise<Result> => {
    const result = last.then(call, call);
    last = result;
    return result;
  };
  return { next: () => after(next), end: () => after(end) };
}

function bytesOf(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof text === "string"
    ? encoder.encode(text)
    : text.buffer instanceof ArrayBuffer
    ? text as Uint8Array<ArrayBuffer>
    : new Uint8Array(text);
}

function textAt(pointer: Deno.PointerObject): string {
  return new Deno.UnsafePointerView(pointer).getCString();
}

/**
 * Called with what a native call reads or writes, after it has returned: a non-blocking call holds addresses, not
 * objects, and what is not mentioned any more could be collected under it.
 */
export function keepAlive(..._values: unknown[]): void {}
