/** Rows as comma-separated values (RFC 4180), for spreadsheets. */

/** @import { AnalyticsRows } from "../../events/contract/api.ts" */

/**
 * @param {Pick<AnalyticsRows, "columns" | "rows">} result
 * @returns {string} With a line of names, lines ended by CR LF.
 */
export function toCsv({ columns, rows }) {
  const names = columns.map(({ name }) => name);
  const lines = [names, ...rows.map((row) => names.map((name) => row[name]))];
  return lines.map((cells) => cells.map(cellOf).join(",") + "\r\n").join("");
}

/** @param {unknown} value */
function cellOf(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  // A spreadsheet would run a text that looks like a formula.
  const isFormula = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
