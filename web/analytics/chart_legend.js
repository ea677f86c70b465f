/** The series of a chart, each of which can be switched off and on. */
import { html } from "htm/preact";
import { plural } from "../format.js";
import { legendItems } from "./legend_items.js";
import { SeriesSwatch } from "./series_swatch.js";

/**
 * @import { Chart } from "../../events/contract/api.ts"
 * @import { ChartData } from "./chart_data.js"
 */

/**
 * @param {object} props
 * @param {Chart} props.chart
 * @param {ChartData} props.data
 * @param {ReadonlySet<string>} props.hidden Keys of what is switched off.
 * @param {(hidden: ReadonlySet<string>) => void} props.onChange
 */
export function ChartLegend({ chart, data, hidden, onChange }) {
  /** @param {string} key */
  function toggle(key) {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    onChange(next);
  }
  return html`
    <div class="chart-legend" role="group" aria-label="Series">
      ${legendItems(data.series).map((item) =>
        html`
          <button
            key=${item.key}
            type="button"
            class="legend-item"
            aria-pressed=${!hidden.has(item.key)}
            title=${hidden.has(item.key) ? "Show" : "Hide"}
            onClick=${() => toggle(item.key)}
          >
            <${SeriesSwatch} chart=${chart} series=${item} />
            <span>${item.title}</span>
          </button>
        `
      )}
      ${data.leftOut > 0 && html`
        <span class="muted">${plural(data.leftOut, "smaller one")} in the table</span>
      `}
    </div>
  `;
}
