/** One view on the dashboard: its chart, what it counts, its table, and its numbers to take away. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { analyticsAddress } from "../route.js";
import { navigate } from "../router.js";
import { CardNotes } from "./card_notes.js";
import { timeOf } from "./chart_data.js";
import { ChartView } from "./chart_view.js";
import { DataTable } from "./data_table.js";
import { filterSearch } from "./filter.js";
import { copyRows, downloadRows } from "./take_rows.js";
import { hasTurnsBehind, turnsBehind } from "./turns_behind.js";
import { isDrawn, rowsOf } from "./view_rows.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { ChartData } from "./chart_data.js"
 * @import { Filter } from "./filter.js"
 * @import { Point } from "./turns_behind.js"
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
 * @param {string | null} props.toldError An error that the page tells already.
 * @param {() => void} props.onRetry
 */
export function ChartCard({ view, filter, isAlone, onZoom, toldError, onRetry }) {
  const rows = rowsOf(view);
  const [hasNote, setNote] = useState(isAlone);
  const [hasTable, setTable] = useState(isAlone);
  const shown = rows.shown.value;
  const error = rows.error.value;
  const isTable = !isDrawn(view);
  const data = shown?.data ?? null;
  /** @param {Point} point */
  const turnsAt = (point) => turnsBehind(view, filter, point);
  return html`
    <section class="chart-card ${isTable ? "wide" : ""}" aria-label=${view.title}>
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
      <${CardNotes} view=${view} filter=${filter} shown=${shown} hasDescription=${hasNote} />
      <div class="chart-body">
        ${error !== null && error !== toldError && html`
          <p class="problem chart-problem" role="alert">
            ${error} <button type="button" class="link-button" onClick=${onRetry}>Try again</button>
          </p>
        `}
        ${(!isTable || shown === null) && html`
          <${ChartArea}
            view=${view}
            shown=${shown}
            height=${isAlone ? heightAlonePx : heightPx}
            onZoom=${onZoom}
            turnsAt=${hasTurnsBehind(view) ? turnsAt : null}
          />
        `}
      </div>
      ${shown !== null && (hasTable || isTable) && html`
        <${DataTable}
          view=${view}
          result=${shown.result}
          isTall=${isAlone}
          turnsOf=${(/** @type {Record<string, unknown>} */ row) =>
            turnsAt(pointOf(row, view, data))}
        />
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
 * @param {((point: Point) => string | null) | null} props.turnsAt
 */
function ChartArea({ view, shown, height, onZoom, turnsAt }) {
  const data = shown?.data ?? null;
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
  /** @param {Point} point */
  function open(point) {
    const address = turnsAt?.(point) ?? null;
    if (address !== null) navigate(address);
  }
  return html`
    <${ChartView} view=${view} data=${data} period=${shown.period} height=${height}
      onZoom=${onZoom} onOpen=${turnsAt && open} />
  `;
}

/**
 * @param {Record<string, unknown>} row
 * @param {AnalyticsView} view
 * @param {ChartData | null} data
 * @returns {Point}
 */
function pointOf(row, { chart }, data) {
  return {
    fromSeconds: timeOf(row[chart.x]),
    stepSeconds: data?.stepSeconds ?? 0,
    value: chart.series === undefined ? null : String(row[chart.series] ?? ""),
  };
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
      choose: () => shown && downloadRows(shown.result),
    },
    {
      key: "copy",
      label: "Copy as CSV",
      content: html`<${Icon} name="copy" /> Copy as CSV`,
      disabled: isDisabled,
      choose: () => shown && copyRows(shown.result),
    },
  ];
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
