/** The rows of a view as a plain table, newest time first. */
import { html } from "htm/preact";
import { formatCount, formatTime } from "../format.js";
import { numberOf, timeOf } from "./chart_data.js";
import { formatValue } from "./units.js";

/** @import { AnalyticsRows, AnalyticsView } from "../../events/contract/api.ts" */

/** Rows that are shown at most; the download has all. */
const rowsMax = 500;

/** @param {{ view: AnalyticsView, result: AnalyticsRows, isTall: boolean }} props */
export function DataTable({ view, result, isTall }) {
  const { columns, rows } = result;
  if (rows.length === 0) return html`<p class="muted">No rows in this time</p>`;
  const titles = new Map(view.chart.y.map(({ column, title }) => [column, title]));
  const shown = view.chart.type === "table" ? rows : rows.toReversed();
  return html`
    <div
      class="table-scroll data-table ${isTall ? "tall" : ""}"
      tabindex="0"
      role="region"
      aria-label=${`Table: ${view.title}`}
    >
      <table class="tabular">
        <thead>
          <tr>
            ${columns.map((column) =>
              html`
                <th key=${column.name} class=${isNumeric(column) ? "number" : ""} title=${column
                  .name}>
                  ${titles.get(column.name) ?? column.name.replaceAll("_", " ")}
                </th>
              `
            )}
          </tr>
        </thead>
        <tbody>
          ${shown.slice(0, rowsMax).map((row, index) =>
            html`
              <tr key=${index}>
                ${columns.map((column) =>
                  html`
                    <td key=${column.name} class=${isNumeric(column) ? "number" : ""}>
                      ${cellOf(row[column.name], column, view)}
                    </td>
                  `
                )}
              </tr>
            `
          )}
        </tbody>
      </table>
      ${rows.length > rowsMax && html`
        <p class="muted table-rest">
          ${formatCount(rows.length - rowsMax)} older rows are in the download.
        </p>
      `}
    </div>
  `;
}

/**
 * @param {unknown} value
 * @param {{ name: string, type: string }} column
 * @param {AnalyticsView} view
 */
function cellOf(value, column, { chart }) {
  if (value === null || value === undefined) return "–";
  if (/Date/.test(column.type)) return timeCell(value, column);
  if (!isNumeric(column)) return typeof value === "object" ? JSON.stringify(value) : String(value);
  const measure = chart.y.find(({ column: name }) => name === column.name);
  return measure
    ? formatValue(numberOf(value), measure.unit ?? chart.unit)
    : formatCount(numberOf(value) ?? 0);
}

/**
 * @param {unknown} value
 * @param {{ type: string }} column
 */
function timeCell(value, { type }) {
  const isDay = /Date(32)?\)?$/.test(type);
  return isDay ? String(value) : formatTime(timeOf(value) * 1000);
}

/** @param {{ type: string }} column */
function isNumeric({ type }) {
  return /U?Int|Float|Decimal/.test(type);
}
