/** The order of a table's rows. */
import { numberOf } from "./chart_data.js";

/**
 * @import { AnalyticsRows } from "../../events/contract/api.ts"
 *
 * @typedef {{ column: string, isDescending: boolean }} Sorting
 */

/**
 * @param {AnalyticsRows["rows"]} rows
 * @param {AnalyticsRows["columns"]} columns
 * @param {Sorting} sorting
 * @returns {AnalyticsRows["rows"]} Others of the same value in the order in which they were; those without one last.
 */
export function sortRows(rows, columns, { column: name, isDescending }) {
  const column = columns.find((column) => column.name === name);
  const isNumber = column !== undefined && isNumeric(column);
  const direction = isDescending ? -1 : 1;
  const keyed = rows.map((row) => ({
    row,
    key: isNumber ? numberOf(row[name]) : textOf(row[name]),
  }));
  return keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return a.key < b.key ? -direction : a.key > b.key ? direction : 0;
  }).map(({ row }) => row);
}

/** @param {{ type: string }} column */
export function isNumeric({ type }) {
  return /^(Nullable\(|LowCardinality\()*(U?Int|Float|Decimal)/.test(type);
}

/** @param {unknown} value Times as ISO 8601 are in their order as text. */
function textOf(value) {
  if (value === null || value === undefined || value === "") return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
