/** All series of a chart at one time, beside the cursor. */
import { html } from "htm/preact";
import { formatMinutes } from "../format.js";
import { layersOf } from "./chart_options.js";
import { SeriesSwatch } from "./series_swatch.js";
import { formatValue } from "./units.js";

/**
 * @import { ChartData } from "./chart_data.js"
 * @import { Drawing } from "./chart_options.js"
 *
 * `left`: the cursor's place in CSS pixels; `isRight`: whether it is in the right half, so that there is room at its left.
 * @typedef {{ index: number, left: number, isRight: boolean }} Hover
 */

const moment = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const utcDay = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

/** Between the cursor and the tooltip, in CSS pixels. */
const gapPx = 12;

/** @param {{ drawing: Drawing, hover: Hover }} props */
export function ChartTooltip({ drawing, hover }) {
  const { chart, data } = drawing;
  const layers = layersOf(drawing);
  const shown = chart.type === "stacked-bars" ? [...layers].reverse() : layers;
  const side = hover.isRight
    ? { right: `calc(100% - ${hover.left - gapPx}px)` }
    : { left: `${hover.left + gapPx}px` };
  return html`
    <div class="chart-tooltip" style=${side}>
      <div class="chart-tooltip-title">${bucketTitle(data, hover.index)}</div>
      <table class="tabular">
        <tbody>
          ${shown.map(({ series }) =>
            html`
              <tr key=${series.key}>
                <td>
                  <${SeriesSwatch} chart=${chart} series=${series} />
                </td>
                <td>${series.title}</td>
                <td class="number">${formatValue(
                  series.values[hover.index] ?? null,
                  series.unit,
                )}</td>
              </tr>
            `
          )}
        </tbody>
      </table>
    </div>
  `;
}

/**
 * @param {ChartData} data
 * @param {number} index
 * @returns {string} The bucket's time: a day of UTC, or from when to when in the reader's zone.
 */
export function bucketTitle({ times, stepSeconds, isDaily }, index) {
  const from = new Date(times[index] * 1000);
  if (isDaily) return `${utcDay.format(from)} (UTC)`;
  if (stepSeconds < 60) return moment.format(from);
  return formatMinutes(from.getTime(), (times[index] + stepSeconds) * 1000);
}
