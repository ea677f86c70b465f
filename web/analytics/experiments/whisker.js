/** A lift as a dot with whiskers, on a scale that is the same in all rows of a table. */
import { html } from "htm/preact";
import { headlineOf } from "./experiment_words.js";

/** @import { Interval, MetricComparison } from "../../../events/contract/experiment_results.ts" */

/** Ends of the scale that people can read off. */
const scales = [0.02, 0.05, 0.1, 0.2, 0.5, 1];

/**
 * @param {Pick<MetricComparison, "headline" | "unadjusted" | "cuped">[]} comparisons
 * @returns {number} Half of the scale, which holds most whiskers; longer ones are cut off at its ends.
 */
export function scaleOf(comparisons) {
  const ends = comparisons.flatMap((comparison) => {
    const { lift } = headlineOf(comparison).sequential;
    return lift === null ? [] : [Math.max(Math.abs(lift.low), Math.abs(lift.high))];
  }).sort((a, b) => a - b);
  const most = ends[Math.floor(ends.length * 0.8)] ?? 0;
  return scales.find((scale) => scale >= most) ?? 1;
}

/**
 * @param {object} props
 * @param {number | null} props.lift
 * @param {Interval | null} props.interval
 * @param {number} props.scale
 * @param {MetricComparison["judgement"]} props.judgement
 */
export function Whisker({ lift, interval, scale, judgement }) {
  if (lift === null || interval === null) return html`<span class="muted">–</span>`;
  const [low, high] = [placeOf(interval.low, scale), placeOf(interval.high, scale)];
  return html`
    <span class="whisker ${judgement}" aria-hidden="true">
      <span class="whisker-zero"></span>
      <span
        class="whisker-line ${isBeyond(interval.low, scale)
          ? "cut-low"
          : ""} ${isBeyond(interval.high, scale) ? "cut-high" : ""}"
        style=${{ left: `${low}%`, width: `${high - low}%` }}
      ></span>
      <span class="whisker-dot" style=${{ left: `${placeOf(lift, scale)}%` }}></span>
    </span>
  `;
}

/**
 * @param {number} lift
 * @param {number} scale
 * @returns {number} From the left end, in percent.
 */
export function placeOf(lift, scale) {
  const within = Math.min(Math.max(lift, -scale), scale);
  return (within / scale + 1) * 50;
}

/**
 * @param {number} lift
 * @param {number} scale
 */
function isBeyond(lift, scale) {
  return Math.abs(lift) > scale;
}
