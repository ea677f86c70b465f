/** How the lift of a metric came to be what it is, day by day: a line with its interval around it, which narrows. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { experimentMetrics } from "../../../events/contract/experiment_metrics.ts";
import { formatCount } from "../../format.js";
import { styleOf } from "../series_style.js";
import { formatInterval, formatLift } from "./experiment_words.js";
import { readSeries } from "./experiments_api.js";
import { useLoaded } from "./use_loaded.js";
import { placeOf } from "./whisker.js";

/**
 * @import { MetricName } from "../../../events/contract/experiment_metrics.ts"
 * @import { SeriesPoint } from "../../../events/contract/experiment_results.ts"
 * @import { PhaseOfExperiment } from "./experiments_api.js"
 */

/** @param {{ of: PhaseOfExperiment, metric: MetricName }} props */
export function LiftOverTime({ of, metric }) {
  const { title, kind } = experimentMetrics[metric];
  return html`
    <section class="chart-card" aria-label="Lift over time">
      <h3>${title}: the lift over time</h3>
      ${kind === "quantile"
        ? html`<p class="muted">A quantile is taken of the whole time alone: there is none day by day.</p>`
        : html`<${LiftSeries} of=${of} metric=${metric} />`}
    </section>
  `;
}

/** @param {{ of: PhaseOfExperiment, metric: MetricName }} props */
function LiftSeries({ of, metric }) {
  const { value, error } = useLoaded(
    () => readSeries(of, metric),
    [of.experiment, of.phase, metric],
  );
  const points = (value?.points ?? []).filter(({ lift }) => lift !== null);
  if (error !== null) return html`<p class="problem" role="alert">${error}</p>`;
  if (value === null) {
    return html`<div class="skeleton lift-plot" role="status" aria-label="Loading"></div>`;
  }
  return points.length === 0
    ? html`<p class="muted">Nothing to compare yet</p>`
    : html`<${LiftPlot} points=${points} />`;
}

/** @param {{ points: SeriesPoint[] }} props */
function LiftPlot({ points }) {
  const [at, setAt] = useState(/** @type {number | null} */ (null));
  const days = [...new Set(points.map(({ day }) => day))];
  const variants = [...new Set(points.map(({ variant }) => variant))];
  const scale = heightOf(points);
  const shownDay = days[at ?? days.length - 1];

  /** @param {PointerEvent} event */
  function onPointerMove(event) {
    const { left, width } = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    setAt(Math.round((event.clientX - left) / width * (days.length - 1)));
  }

  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    setAt(Math.min(Math.max((at ?? days.length - 1) + step, 0), days.length - 1));
  }

  return html`
    <div class="lift-chart">
      <div class="lift-scale tabular" aria-hidden="true">
        <span>${formatLift(scale)}</span><span>0</span><span>${formatLift(-scale)}</span>
      </div>
      <svg
        class="lift-plot"
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        role="img"
        tabindex="0"
        aria-label="Chart: the lift day by day. Arrow keys go through the days; the table has all numbers."
        onPointerMove=${onPointerMove}
        onPointerLeave=${() => setAt(null)}
        onKeyDown=${onKeyDown}
      >
        <line class="lift-zero" x1="0" x2="100" y1="50" y2="50" />
        ${variants.map((variant) => {
          const own = points.filter((point) => point.variant === variant);
          return html`<${VariantLines} key=${variant} points=${own} days=${days} scale=${scale} />`;
        })}
        ${at !== null && html`
          <line class="lift-cursor" x1=${xOf(at, days)} x2=${xOf(at, days)} y1="0" y2="100" />
        `}
      </svg>
      <div class="lift-days muted tabular" aria-hidden="true">
        <span>${days[0]}</span><span>${days.at(-1)}</span>
      </div>
      <ul class="lift-legend" aria-live="polite">
        ${variants.map((variant) => {
          const point = points.find((each) => each.variant === variant && each.day === shownDay);
          return html`
            <li key=${variant}>
              <span class="lift-swatch" style=${{
                background: `var(${styleOf(variant).color})`,
              }}></span>
              ${variant}, ${shownDay}: ${point === undefined ? "–" : pointWords(point)}
            </li>
          `;
        })}
      </ul>
      <details>
        <summary>Table</summary>
        <${PointTable} points=${points} />
      </details>
    </div>
  `;
}

/** @param {{ points: SeriesPoint[], days: string[], scale: number }} props */
function VariantLines({ points, days, scale }) {
  const color = `var(${styleOf(points[0].variant).color})`;
  const place = (/** @type {SeriesPoint} */ { day }, /** @type {number | null} */ lift) =>
    `${xOf(days.indexOf(day), days)},${100 - placeOf(lift ?? 0, scale)}`;
  const bounded = points.filter(({ low, high }) => low !== null && high !== null);
  const band = [
    ...bounded.map((point) => place(point, point.high)),
    ...bounded.toReversed().map((point) => place(point, point.low)),
  ];
  return html`
    <polygon class="lift-band" points=${band.join(" ")} style=${{ fill: color }} />
    <polyline
      class="lift-line"
      points=${points.map((point) => place(point, point.lift)).join(" ")}
      style=${{ stroke: color }}
    />
  `;
}

/** @param {{ points: SeriesPoint[] }} props */
function PointTable({ points }) {
  return html`
    <div class="table-scroll data-table" tabindex="0" role="region" aria-label="Table: lift over time">
      <table class="tabular">
        <thead>
          <tr>
            <th>Day</th>
            <th>Variant</th>
            <th class="number">Units</th>
            <th class="number">Lift</th>
            <th class="number">Interval</th>
          </tr>
        </thead>
        <tbody>
          ${points.toReversed().map((point) =>
            html`
              <tr key=${`${point.day} ${point.variant}`}>
                <td class="nowrap">${point.day}</td>
                <td>${point.variant}</td>
                <td class="number">${formatCount(point.units)}</td>
                <td class="number">${formatLift(point.lift)}</td>
                <td class="number nowrap">${intervalWords(point)}</td>
              </tr>
            `
          )}
        </tbody>
      </table>
    </div>
  `;
}

/**
 * @param {number} index
 * @param {string[]} days
 */
function xOf(index, days) {
  return days.length === 1 ? 50 : index / (days.length - 1) * 100;
}

/**
 * @param {SeriesPoint[]} points
 * @returns {number} Half of the chart's height, as a lift: the first days, of which little is known, may stand out of it.
 */
function heightOf(points) {
  const ends = points.flatMap(({ low, high }) =>
    low === null || high === null ? [] : [Math.max(Math.abs(low), Math.abs(high))]
  ).sort((a, b) => a - b);
  return Math.max(ends[Math.floor(ends.length / 2)] ?? 0, 0.01);
}

/** @param {SeriesPoint} point */
function pointWords(point) {
  return `${formatLift(point.lift)} (${intervalWords(point)}), ${formatCount(point.units)} units`;
}

/** @param {SeriesPoint} point */
function intervalWords({ low, high }) {
  return formatInterval(low === null || high === null ? null : { low, high });
}
