/** How a result can be drawn, by the types of its columns. */
import { isNumber } from "./result_table.js";

/** @import { AnalystRows } from "../../../events/contract/api.ts" */

/**
 * @typedef {object} ChartChoices
 * @property {string | null} time The column of the x axis; null where rows are bars beside each other.
 * @property {string[]} labels Columns by which lines are split, or which name the bars.
 * @property {string[]} values Columns that can be drawn; one at least.
 */

/**
 * @param {Pick<AnalystRows, "columns" | "rows">} result
 * @returns {ChartChoices | null} Null where there is nothing to draw.
 */
export function chartChoices({ columns, rows }) {
  const namesOf = (/** @type {(column: AnalystRows["columns"][number]) => boolean} */ isWanted) =>
    columns.filter(isWanted).map(({ name }) => name);
  const time = namesOf(({ type }) => /^(?:Nullable\()?Date/.test(type))[0] ?? null;
  const labels = namesOf(({ type }) =>
    /^(?:Nullable\(|LowCardinality\()*(?:String|Enum|FixedString|UUID|Bool)/.test(type)
  );
  const values = namesOf(isNumber);
  if (rows.length === 0 || values.length === 0 || time === null && labels.length === 0) return null;
  return { time, labels, values };
}
