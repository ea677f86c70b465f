/** The result of a query: a table or a chart, what it took, and its rows to take away. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Icon } from "../../components/icon.js";
import { formatCount, formatDuration, plural } from "../../format.js";
import { chartChoices } from "./chart_choices.js";
import { ResultChart } from "./result_chart.js";
import { ResultTable } from "./result_table.js";
import { download, running } from "./sql_run.js";

/** @import { SqlResult } from "./sql_run.js" */

/** @param {{ result: SqlResult, isOfAnother: boolean }} props `isOfAnother`: of a query before that in the editor. */
export function ResultView({ result, isOfAnother }) {
  const { sql, rows } = result;
  const [wantsChart, setWantsChart] = useState(false);
  const mayDraw = chartChoices(rows) !== null;
  const isChart = wantsChart && mayDraw;
  return html`
    <section class="sql-result" aria-label="Result">
      <header class="sql-result-head">
        <p class="sql-result-facts" role="status">
          ${rows.isTruncated
            ? `The first ${plural(rows.rows.length, "row")}`
            : plural(rows.rows.length, "row")}
          <span class="muted">
            ${" "}· ${formatDuration(rows.durationMs)} · ${formatCount(rows.rowsRead)} read
            ${isOfAnother && " · of the query that ran before"}
          </span>
        </p>
        ${mayDraw && html`
          <div class="segments" role="group" aria-label="Shown as">
            ${segment("Table", !isChart, () => setWantsChart(false))}
            ${segment("Chart", isChart, () => setWantsChart(true))}
          </div>
        `}
        ${fileButton("CSV", () => download(sql, "csv"))}
        ${fileButton("Parquet", () => download(sql, "parquet"))}
      </header>
      ${isChart ? html`<${ResultChart} rows=${rows} />` : html`<${ResultTable} rows=${rows} />`}
    </section>
  `;
}

/**
 * @param {string} title
 * @param {boolean} isChosen
 * @param {() => void} choose
 */
function segment(title, isChosen, choose) {
  return html`
    <button type="button" class="segment" aria-pressed=${isChosen} onClick=${choose}>
      ${title}
    </button>
  `;
}

/**
 * @param {string} title
 * @param {() => void} download
 */
function fileButton(title, download) {
  return html`
    <button
      type="button"
      class="button"
      title=${`Run it again, and keep all its rows as ${title}`}
      disabled=${running.value !== null}
      onClick=${download}
    ><${Icon} name="download" /> ${title}</button>
  `;
}
