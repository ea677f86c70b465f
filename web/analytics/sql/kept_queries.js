/** Queries that a person has saved or run, kept in this browser: they are that person's, as a draft of a message is. */
import { signal } from "@preact/signals";
import { recall, remember } from "../../state/storage.js";

/** Saved queries at most; then one must go before another comes. */
export const savedMax = 100;
/** Queries of the history at most; the oldest goes first. */
const historyMax = 50;

/** @typedef {{ name: string, sql: string }} SavedQuery */

/** By their names. */
export const saved = signal(recall("sql.saved", /** @type {SavedQuery[]} */ ([])));
/** What was run, the newest first, each text once. */
export const history = signal(recall("sql.history", /** @type {string[]} */ ([])));

/**
 * Saves a query under a name, in place of the one that has it.
 *
 * @param {SavedQuery} query
 */
export function saveQuery(query) {
  const others = saved.value.filter(({ name }) => name !== query.name);
  if (others.length >= savedMax) return false;
  saved.value = [...others, query].sort((a, b) => a.name.localeCompare(b.name));
  remember("sql.saved", saved.value);
  return true;
}

/** @param {string} name */
export function forgetQuery(name) {
  saved.value = saved.value.filter((query) => query.name !== name);
  remember("sql.saved", saved.value);
}

/** @param {string} sql */
export function addToHistory(sql) {
  history.value = [sql, ...history.value.filter((other) => other !== sql)].slice(0, historyMax);
  remember("sql.history", history.value);
}

/** What stands in the editor, so that a reload costs nothing. */
export function draft() {
  return recall("sql.draft", "");
}

/** @param {string} sql */
export function keepDraft(sql) {
  remember("sql.draft", sql);
}
