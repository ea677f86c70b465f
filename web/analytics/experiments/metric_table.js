/** Metrics with each variant beside the baseline: the means, and the lift as a dot with whiskers against zero. */
import { html } from "htm/preact";
import { formatCount, plural } from "../../format.js";
import { experimentMetrics } from "../../../events/contract/experiment_metrics.ts";
import { formatValue } from "../units.js";
import {
  adjustmentWords,
  formatInterval,
  formatLift,
  formatPValue,
  headlineOf,
  judgementWords,
} from "./experiment_words.js";
import { scaleOf, Whisker } from "./whisker.js";

/**
 * @import { MetricName } from "../../../events/contract/experiment_metrics.ts"
 * @import { MetricComparison, MetricResult } from "../../../events/contract/experiment_results.ts"
 */

/**
 * @param {object} props
 * @param {MetricResult[]} props.metrics
 * @param {MetricName | undefined} props.chosen The one of which more is shown beneath.
 * @param {(metric: MetricName) => void} props.onChoose
 */
export function MetricTable({ metrics, chosen, onChoose }) {
  const scale = scaleOf(metrics.flatMap(({ comparisons }) => comparisons));
  return html`
    <div class="table-scroll" tabindex="0" role="region" aria-label="Table: metrics">
      <table class="tabular metric-table">
        <thead>
          <tr>
            <th>Metric</th>
            <th>Variant</th>
            <th class="number">Baseline</th>
            <th class="number">Variant</th>
            <th class="number">Lift</th>
            <th class="whisker-head">
              <span>${formatLift(-scale)}</span><span>0</span><span>${formatLift(scale)}</span>
            </th>
            <th class="number">p</th>
            <th>Judgement</th>
          </tr>
        </thead>
        <tbody>
          ${metrics.map(({ metric, role, comparisons }) =>
            comparisons.length === 0
              ? html`
                <tr key=${metric}>
                  <td>
                    <${MetricTitle} metric=${metric} role=${role} />
                  </td>
                  <td colspan="7" class="muted">nothing to compare yet</td>
                </tr>
              `
              : comparisons.map((comparison, index) =>
                html`
                  <tr key=${`${metric} ${comparison.variant}`} class=${metric === chosen
                    ? "chosen"
                    : ""}>
                    <td>${index === 0 && html`
                      <button
                        type="button"
                        class="link-button"
                        aria-pressed=${metric === chosen}
                        title=${experimentMetrics[metric].description}
                        onClick=${() => onChoose(metric)}
                      ><${MetricTitle} metric=${metric} role=${role} /></button>
                    `}</td>
                    <${ComparisonCells} metric=${metric} comparison=${comparison} scale=${scale} />
                  </tr>
                `
              )
          )}
        </tbody>
      </table>
    </div>
  `;
}

/** @param {{ metric: MetricName, role: MetricResult["role"] }} props */
function MetricTitle({ metric, role }) {
  return html`
    ${experimentMetrics[metric].title}
    ${role !== "other" && html`<span class="muted metric-role">${role}</span>`}
  `;
}

/**
 * The cells of a comparison after its name, in a table of metrics as in one of segments.
 *
 * @param {{ metric: MetricName, comparison: MetricComparison, scale: number }} props
 */
export function ComparisonCells({ metric, comparison, scale }) {
  const { variant, baseline, mean, judgement, adjustedPValue, power } = comparison;
  const { unit } = experimentMetrics[metric];
  const { lift, sequential } = headlineOf(comparison);
  return html`
    <td>${variant}</td>
    ${[baseline, mean].map(({ value, units }) =>
      html`
        <td class="number">
          ${formatValue(value, unit)}
          <span class="muted interval nowrap">n = ${formatCount(units)}</span>
        </td>
      `
    )}
    <td class="number nowrap">
      ${formatLift(lift)}
      <span class="muted interval">${formatInterval(sequential.lift)}</span>
      <span class="muted interval">${adjustmentWords(comparison)}</span>
    </td>
    <td class="whisker-cell">
      <${Whisker} lift=${lift} interval=${sequential.lift} scale=${scale} judgement=${judgement} />
    </td>
    <td class="number">${formatPValue(adjustedPValue)}</td>
    <td class="nowrap">
      <span class="judgement ${judgement}">${judgementWords[judgement]}</span>
      ${judgement === "unclear" && power.daysLeft !== null && html`
        <span class="muted interval">${waitWords(power.daysLeft, power.worthwhileLift)}</span>
      `}
    </td>
  `;
}

/**
 * @param {number} days
 * @param {number} lift
 */
function waitWords(days, lift) {
  if (days === 0) return `${formatLift(lift)} would be seen by now`;
  const wait = days > 365 ? "more than a year" : `about ${plural(Math.ceil(days), "day")}`;
  return `${wait} to see ${formatLift(lift)}`;
}
