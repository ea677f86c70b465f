/** Calls what the api has for analysts. Failures tell where in the statement the mistake is, where the server knows. */

/**
 * @import { AnalystFormat, AnalystRows, AnalystTable, Page, Problem } from "../../../events/contract/api.ts"
 */

/** A query that was not carried out; the message is for a person. */
export class QueryError extends Error {
  /**
   * @param {string} message
   * @param {{ place?: Place | null, needsSignIn?: boolean }} [more]
   */
  constructor(message, { place = null, needsSignIn = false } = {}) {
    super(message);
    this.name = "QueryError";
    this.place = place;
    this.needsSignIn = needsSignIn;
  }
}

/** @typedef {{ line: number, column: number }} Place Both from 1; the column in UTF-16 code units. */

/**
 * @param {string} sql
 * @param {AbortSignal} signal Ends the query, too.
 * @returns {Promise<AnalystRows>}
 */
export async function runQuery(sql, signal) {
  return await (await ask(sql, "json", signal)).json();
}

/**
 * @param {string} sql
 * @param {Exclude<AnalystFormat, "json">} format
 * @param {AbortSignal} signal
 */
export async function fetchFile(sql, format, signal) {
  const response = await ask(sql, format, signal);
  try {
    return await response.blob();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new QueryError("The file broke off: the server ended the query. Run it to see why.");
  }
}

/** @returns {Promise<AnalystTable[]>} */
export async function listTables() {
  const response = await send("/api/analytics/tables", {});
  return /** @type {Page<AnalystTable>} */ (await response.json()).items;
}

/**
 * @param {string} sql
 * @param {AnalystFormat} format
 * @param {AbortSignal} signal
 */
function ask(sql, format, signal) {
  return send("/api/analytics/query", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sql, format }),
    signal,
  });
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function send(path, options) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new QueryError("The server cannot be reached. Check that it runs, and try again.");
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** @param {Response} response */
async function errorOf(response) {
  /** @type {Problem | null} */
  const problem = await response.json().catch(() => null);
  if (problem === null) {
    return new QueryError(`The server answered ${response.status} ${response.statusText}.`);
  }
  const { line, column } = problem.errors?.find(({ path }) => path === "sql") ?? {};
  return new QueryError(problem.detail, {
    place: line === undefined || column === undefined ? null : { line, column },
    needsSignIn: problem.type === "/problems/operators-only",
  });
}
