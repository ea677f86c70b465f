/** The rows of a view as a plain table: newest time first, until a column is chosen to sort by. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { formatCount } from "../format.js";
import { isNumeric, sortRows } from "./sort_rows.js";
import { TableCell } from "./table_cell.js";

/**
 * @import { AnalyticsRows, AnalyticsView } from "../../events/contract/api.ts"
 * @import { Sorting } from "./sort_rows.js"
 */

/** Rows that are shown at most; the download has all. */
const rowsMax = 500;

/**
 * @param {object} props
 * @param {AnalyticsView} props.view
 * @param {AnalyticsRows} props.result
 * @param {boolean} props.isTall
 * @param {(row: Record<string, unknown>) => string | null} props.turnsOf The address of the turns behind a row, if any.
 */
export function DataTable({ view, result, isTall, turnsOf }) {
  const { columns, rows } = result;
  const [sorting, setSorting] = useState(/** @type {Sorting | null} */ (null));
  if (rows.length === 0) return html`<p class="muted">No rows in this time</p>`;
  const titles = new Map(view.chart.y.map(({ column, title }) => [column, title]));
  const newestFirst = view.chart.type === "table" ? rows : rows.toReversed();
  const shown = sorting === null ? newestFirst : sortRows(newestFirst, columns, sorting);
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
                <${HeadCell}
                  key=${column.name}
                  column=${column}
                  title=${titles.get(column.name) ?? titleOf(column.name)}
                  sorting=${sorting}
                  onSort=${setSorting}
                />
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
                      <${TableCell} row=${row} column=${column} chart=${view
                        .chart} turnsOf=${turnsOf} />
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
          ${formatCount(rows.length - rowsMax)} more rows are in the download.
        </p>
      `}
    </div>
  `;
}

/**
 * @param {object} props
 * @param {{ name: string, type: string }} props.column
 * @param {string} props.title
 * @param {Sorting | null} props.sorting
 * @param {(sorting: Sorting) => void} props.onSort
 */
function HeadCell({ column, title, sorting, onSort }) {
  const isSorted = sorting?.column === column.name;
  const isDescending = isSorted ? sorting.isDescending : undefined;
  return html`
    <th
      class=${isNumeric(column) ? "number" : ""}
      aria-sort=${isDescending === undefined
        ? undefined
        : isDescending
        ? "descending"
        : "ascending"}
    >
      <button
        type="button"
        class="sort-button"
        title=${`Sort by ${column.name}`}
        onClick=${() => onSort({ column: column.name, isDescending: !isDescending })}
      >${title}${isSorted &&
        html`<${Icon} name=${isDescending ? "arrow-down" : "arrow-up"} size=${12} />`}</button>
    </th>
  `;
}

/** @param {string} name A column's: `conversation_id` becomes `Conversation id`. */
function titleOf(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
