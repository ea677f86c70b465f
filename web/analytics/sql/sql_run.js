/** The query that is run: one at a time, with its result or why there is none. */
import { signal } from "@preact/signals";
import { messageOf } from "../../api.js";
import { downloadBlob } from "../../components/download_blob.js";
import { addToHistory } from "./kept_queries.js";
import { fetchFile, QueryError, runQuery } from "./query_api.js";

/**
 * @import { AnalystFormat, AnalystRows } from "../../../events/contract/api.ts"
 * @import { Place } from "./query_api.js"
 *
 * @typedef {{ sql: string, rows: AnalystRows }} SqlResult
 * @typedef {{ message: string, place: Place | null, needsSignIn: boolean, isCancelled?: true }} SqlFailure
 */

/** What is under way, in words; null where nothing is. */
export const running = signal(/** @type {{ words: string, sinceMs: number } | null} */ (null));
/** The last result; it stays while the next query runs. */
export const result = signal(/** @type {SqlResult | null} */ (null));
export const failure = signal(/** @type {SqlFailure | null} */ (null));

let cancelRunning = new AbortController();

/** @param {string} sql */
export async function run(sql) {
  await carryOut("The query runs", async (signal) => {
    addToHistory(sql);
    result.value = { sql, rows: await runQuery(sql, signal) };
  });
}

/**
 * Runs the query again, for a file with all its rows.
 *
 * @param {string} sql
 * @param {Exclude<AnalystFormat, "json">} format
 */
export async function download(sql, format) {
  await carryOut(`The ${format === "csv" ? "CSV" : "Parquet"} file is made`, async (signal) => {
    downloadBlob(await fetchFile(sql, format, signal), `result.${format}`);
  });
}

/** The server ends the query. */
export function cancel() {
  cancelRunning.abort();
}

/**
 * @param {string} words
 * @param {(signal: AbortSignal) => Promise<void>} act
 */
async function carryOut(words, act) {
  if (running.value !== null) return;
  cancelRunning = new AbortController();
  running.value = { words, sinceMs: Date.now() };
  failure.value = null;
  try {
    await act(cancelRunning.signal);
  } catch (error) {
    failure.value = cancelRunning.signal.aborted
      ? { message: "Cancelled.", place: null, needsSignIn: false, isCancelled: true }
      : failureOf(error);
  } finally {
    running.value = null;
  }
}

/** @param {unknown} error */
function failureOf(error) {
  if (!(error instanceof QueryError)) {
    return { message: messageOf(error), place: null, needsSignIn: false };
  }
  const { message, place, needsSignIn } = error;
  return { message, place, needsSignIn };
}
