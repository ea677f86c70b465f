/**
 * The C interface of chDB, ClickHouse's engine as a library, as far as the embedded server uses it (`chdb.h`, version
 * 26.7). Calls that may take long are non-blocking: they run on threads of their own, beside the event loop.
 */
import { createRequire } from "node:module";
import { resolve } from "node:path";

const symbols = {
  chdb_set_signal_handlers_enabled: { parameters: ["i32"], result: "void" },
  chdb_connect: { parameters: ["i32", "buffer"], result: "pointer", nonblocking: true },
  chdb_close_conn: { parameters: ["pointer"], result: "void", nonblocking: true },
  chdb_classify_query_n: {
    parameters: ["pointer", "buffer", "usize", "pointer", "usize", "buffer"],
    result: "i32",
    nonblocking: true,
  },

  chdb_query_n: {
    parameters: ["pointer", "buffer", "usize", "buffer", "usize"],
    result: "pointer",
    nonblocking: true,
  },
  chdb_stream_query_n: {
    parameters: ["pointer", "buffer", "usize", "buffer", "usize"],
    result: "pointer",
    nonblocking: true,
  },
  chdb_stream_fetch_result: {
    parameters: ["pointer", "pointer"],
    result: "pointer",
    nonblocking: true,
  },
  chdb_stream_cancel_query: {
    parameters: ["pointer", "pointer"],
    result: "void",
    nonblocking: true,
  },
  chdb_destroy_query_result: { parameters: ["pointer"], result: "void" },

  chdb_stream_insert_n: {
    parameters: ["pointer", "buffer", "usize", "buffer", "usize"],
    result: "pointer",
    nonblocking: true,
  },
  chdb_stream_append: {
    parameters: ["pointer", "buffer", "usize"],
    result: "i32",
    nonblocking: true,
  },
  chdb_stream_done: { parameters: ["pointer"], result: "pointer", nonblocking: true },
  chdb_stream_insert_error: { parameters: ["pointer"], result: "pointer" },
  chdb_destroy_insert_stream: { parameters: ["pointer"], result: "void", nonblocking: true },

  chdb_result_buffer: { parameters: ["pointer"], result: "pointer" },
  chdb_result_length: { parameters: ["pointer"], result: "usize" },
  chdb_result_error: { parameters: ["pointer"], result: "pointer" },
  chdb_result_elapsed: { parameters: ["pointer"], result: "f64" },
  chdb_result_rows_read: { parameters: ["pointer"], result: "u64" },
  chdb_result_bytes_read: { parameters: ["pointer"], result: "u64" },
  chdb_result_storage_rows_read: { parameters: ["pointer"], result: "u64" },
  chdb_result_storage_bytes_read: { parameters: ["pointer"], result: "u64" },
  chdb_result_rows_written: { parameters: ["pointer"], result: "u64" },
  chdb_result_bytes_written: { parameters: ["pointer"], result: "u64" },
} as const;

export type Libchdb = Deno.DynamicLibrary<typeof symbols>["symbols"];

/**
 * Loads the library into this process, once: an engine and its one data folder belong to the whole process.
 *
 * @param folder The folder in whose `node_modules` the npm package chdb lies.
 * @throws Error where the package, or its part for this platform, is not there.
 */
export function loadLibchdb(folder: string): Libchdb {
  const require = createRequire(resolve(folder, "package.json"));
  let path: string;
  try {
    path = require("chdb/libchdb").libchdbPath();
  } catch (error) {
    throw new Error(
      `Cannot load chDB from ${folder}: ${error instanceof Error ? error.message : error}. ` +
        `Install it with: npm install --prefix ${folder} chdb@3.4.0`,
    );
  }
  const library = Deno.dlopen(path, symbols).symbols;
  // Signals are the server's: it stops in order.
  library.chdb_set_signal_handlers_enabled(0);
  return library;
}
