/** A simple chart of a result: over time where a column is a time, else a bar for each row. */
import { html } from "htm/preact";
import { useMemo, useState } from "preact/hooks";
import { formatCount } from "../../format.js";
import { chartData, numberOf } from "../chart_data.js";
import { ChartView } from "../chart_view.js";
import { chartChoices } from "./chart_choices.js";

/**
 * @import { AnalystRows, AnalyticsView, Chart } from "../../../events/contract/api.ts"
 * @import { ChartChoices } from "./chart_choices.js"
 */

const heightPx = 320;
/** Bars that are drawn at most, from the first row on. */
const barsMax = 40;
const none = "";

/** @param {{ rows: AnalystRows }} props */
export function ResultChart({ rows }) {
  const choices = /** @type {ChartChoices} */ (chartChoices(rows));
  const [wanted, setValue] = useState(none);
  const [split, setSplit] = useState(/** @type {string | null} */ (null));
  const value = choices.values.includes(wanted) ? wanted : choices.values[0];
  const label = split !== null && [none, ...choices.labels].includes(split)
    ? split
    : choices.labels[0] ?? none;
  return html`
    <div class="sql-chart">
      <div class="sql-chart-choices">
        ${chooser("Value", value, choices.values, setValue)}
        ${choices.time === null
          ? chooser("Bars", label || choices.labels[0], choices.labels, setSplit)
          : choices.labels.length > 0 &&
            chooser("Split by", label, [none, ...choices.labels], setSplit)}
      </div>
      ${choices.time === null
        ? html`<${Bars} rows=${rows} label=${label || choices.labels[0]} value=${value} />`
        : html`<${Lines} rows=${rows} time=${choices.time} label=${label} value=${value} />`}
    </div>
  `;
}

/**
 * @param {string} title
 * @param {string} chosen
 * @param {string[]} names
 * @param {(name: string) => void} choose
 */
function chooser(title, chosen, names, choose) {
  return html`
    <label class="sql-chooser">
      ${title}
      <select
        class="field"
        value=${chosen}
        onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) =>
          choose(event.currentTarget.value)}
      >
        ${names.map((name) =>
          html`<option key=${name} value=${name}>${name || "nothing"}</option>`
        )}
      </select>
    </label>
  `;
}

/** @param {{ rows: AnalystRows, time: string, label: string, value: string }} props */
function Lines({ rows, time, label, value }) {
  const view = useMemo(() => ({
    title: "Result",
    parameters: [],
    chart: /** @type {Chart} */ ({
      type: "line",
      x: time,
      y: [{ column: value, title: value }],
      ...(label !== none && { series: label }),
      unit: "count",
    }),
  }), [time, label, value]);
  const { data, period } = useMemo(() => drawn(view, rows), [view, rows]);
  if (data.isEmpty) return html`<p class="muted">There is nothing to draw.</p>`;
  return html`
    <${ChartView}
      view=${view}
      data=${data}
      period=${period}
      height=${heightPx}
      onZoom=${() => {}}
      onOpen=${null}
    />
  `;
}

/**
 * @param {Pick<AnalyticsView, "chart" | "parameters">} view
 * @param {AnalystRows} rows
 */
function drawn(view, { rows }) {
  const all = { fromMs: 0, toMs: 0, bucketSeconds: 0 };
  const data = chartData(view, rows, all);
  const [first = 0, last = 0] = [data.times[0], data.times.at(-1)];
  const period = { ...all, fromMs: first * 1000, toMs: (last + (data.stepSeconds || 1)) * 1000 };
  return { data, period };
}

/** @param {{ rows: AnalystRows, label: string, value: string }} props */
function Bars({ rows: { rows }, label, value }) {
  const bars = rows.slice(0, barsMax).map((row) => ({
    name: String(row[label] ?? "NULL"),
    size: numberOf(row[value]) ?? 0,
  }));
  const largest = Math.max(...bars.map(({ size }) => Math.abs(size)), Number.MIN_VALUE);
  return html`
    <ul class="sql-bars" aria-label=${`${value} by ${label}`}>
      ${bars.map(({ name, size }, index) =>
        html`
          <li key=${index}>
            <span class="sql-bar-name" title=${name}>${name || "(empty)"}</span>
            <span class="sql-bar" style=${{ "--share": Math.abs(size) / largest }}></span>
            <span class="number">${formatCount(size)}</span>
          </li>
        `
      )}
    </ul>
    ${rows.length > barsMax && html`<p class="muted">The first ${barsMax} rows.</p>`}
  `;
}
