/** One view on the dashboard: its chart, what it counts, its table, and its numbers to take away. */
import { html } from "htm/preact";
import { useMemo, useState } from "preact/hooks";
import { copyText } from "../components/copy_text.js";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { analyticsAddress } from "../route.js";
import { announce } from "../state/announcements.js";
import { chartData } from "./chart_data.js";
import { ChartView } from "./chart_view.js";
import { toCsv } from "./csv.js";
import { DataTable } from "./data_table.js";
import { filterSearch } from "./filter.js";
import { rowsOf } from "./view_rows.js";

/**
 * @import { AnalyticsRows, AnalyticsView } from "../../events/contract/api.ts"
 * @import { Filter } from "./filter.js"
 * @import { Shown } from "./view_rows.js"
 */

const heightPx = 220;
const heightAlonePx = 380;
/** A legend of one line, and the unit above the chart. */
const legendPx = 52;

/**
 * @param {object} props
 * @param {AnalyticsView} props.view
 * @param {Filter} props.filter
 * @param {boolean} props.isAlone
 * @param {(fromMs: number, toMs: number) => void} props.onZoom
 * @param {(() => void) | null} props.onRetry Null where the page tells the error for all views.
 */
export function ChartCard({ view, filter, isAlone, onZoom, onRetry }) {
  const rows = rowsOf(view);
  const [hasNote, setNote] = useState(isAlone);
  const [hasTable, setTable] = useState(isAlone);
  const shown = rows.shown.value;
  const error = rows.error.value;
  const isTable = view.chart.type === "table" || view.chart.type === "figures";
  return html`
    <section class="chart-card" aria-label=${view.title}>
      <header class="chart-head">
        <h2>
          <a href=${analyticsAddress(view.section, view.name, filterSearch(filter))}>${view
            .title}</a>
        </h2>
        ${toggle("What this counts", "info", hasNote, () => setNote(!hasNote))}
        ${!isTable && toggle("Table", "table", hasTable, () => setTable(!hasTable))}
        <${Menu} label=${`More for ${view.title}`} title="More" items=${() => actionsOf(shown)}>
          <${Icon} name="ellipsis" />
        </${Menu}>
      </header>
      ${hasNote && html`<p class="chart-note">${view.description}</p>`}
      <div class="chart-body">
        ${error !== null && onRetry !== null && html`
          <p class="problem chart-problem" role="alert">
            ${error} <button type="button" class="link-button" onClick=${onRetry}>Try again</button>
          </p>
        `}
        ${!isTable && html`
          <${ChartArea}
            view=${view}
            shown=${shown}
            height=${isAlone ? heightAlonePx : heightPx}
            onZoom=${onZoom}
          />
        `}
      </div>
      ${shown !== null && (hasTable || isTable) && html`
        <${DataTable} view=${view} result=${shown.result} isTall=${isAlone} />
      `}
    </section>
  `;
}

/**
 * @param {object} props
 * @param {AnalyticsView} props.view
 * @param {Shown | null} props.shown
 * @param {number} props.height
 * @param {(fromMs: number, toMs: number) => void} props.onZoom
 */
function ChartArea({ view, shown, height, onZoom }) {
  const data = useMemo(
    () => shown && chartData(view, shown.result.rows, shown.period),
    [view, shown],
  );
  if (shown === null || data === null || data.isEmpty) {
    // What is there before the chart, or instead of it, takes its place.
    const size = { "--chart-height": `${height + legendPx}px` };
    const isFailed = rowsOf(view).error.value !== null;
    const isLoading = shown === null && !isFailed;
    return html`
      <div class="chart-empty ${isLoading ? "skeleton" : ""}" style=${size}>
        ${data?.isEmpty && !isFailed && "Nothing in this time"}
      </div>
    `;
  }
  return html`
    <${ChartView} view=${view} data=${data} period=${shown.period} height=${height}
      onZoom=${onZoom} />
  `;
}

/** @param {Shown | null} shown */
function actionsOf(shown) {
  const isDisabled = shown === null || shown.result.rows.length === 0;
  return [
    {
      key: "download",
      label: "Download CSV",
      content: html`<${Icon} name="download" /> Download CSV`,
      disabled: isDisabled,
      choose: () => shown && download(shown.result),
    },
    {
      key: "copy",
      label: "Copy as CSV",
      content: html`<${Icon} name="copy" /> Copy as CSV`,
      disabled: isDisabled,
      choose: () => shown && copy(shown.result),
    },
  ];
}

/** @param {AnalyticsRows} result */
function download(result) {
  const url = URL.createObjectURL(new Blob([toCsv(result)], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${result.name}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}

/** @param {AnalyticsRows} result */
async function copy(result) {
  announce(await copyText(toCsv(result)) ? "Copied." : "Could not copy.");
}

/**
 * @param {string} label
 * @param {string} icon
 * @param {boolean} isOn
 * @param {() => void} act
 */
function toggle(label, icon, isOn, act) {
  return html`
    <button
      type="button"
      class="icon-button"
      aria-label=${label}
      title=${label}
      aria-pressed=${isOn}
      onClick=${act}
    ><${Icon} name=${icon} /></button>
  `;
}
