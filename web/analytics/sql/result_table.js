/** The rows of a result as ClickHouse tells them: nothing is rounded, and times are those of UTC. */
import { html } from "htm/preact";
import { formatCount } from "../../format.js";

/** @import { AnalystRows } from "../../../events/contract/api.ts" */

/** Rows that are shown at most. */
const rowsMax = 1000;

/** @param {{ rows: AnalystRows }} props */
export function ResultTable({ rows: { columns, rows, isTruncated } }) {
  return html`
    <div class="table-scroll sql-table" tabindex="0" role="region" aria-label="Rows">
      <table class="tabular">
        <thead>
          <tr>
            ${columns.map((column) =>
              html`
                <th key=${column.name} class=${isNumber(column) ? "number" : ""} title=${column
                  .type}>
                  ${column.name}
                </th>
              `
            )}
          </tr>
        </thead>
        <tbody>
          ${rows.slice(0, rowsMax).map((row, index) =>
            html`
              <tr key=${index}>
                ${columns.map((column) =>
                  html`
                    <td key=${column.name} class=${isNumber(column) ? "number" : ""}>
                      ${cellOf(row[column.name])}
                    </td>
                  `
                )}
              </tr>
            `
          )}
        </tbody>
      </table>
      ${rows.length === 0 && html`<p class="muted table-rest">No rows.</p>`}
      ${(rows.length > rowsMax || isTruncated) && html`
        <p class="muted table-rest">
          ${formatCount(Math.min(rowsMax, rows.length))} rows are shown. The downloads have all.
        </p>
      `}
    </div>
  `;
}

/** @param {unknown} value */
function cellOf(value) {
  if (value === null) return html`<span class="muted">NULL</span>`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** @param {{ type: string }} column */
export function isNumber({ type }) {
  return /^(?:Nullable\(|LowCardinality\()*(?:U?Int|Float|Decimal|BFloat)/.test(type);
}
