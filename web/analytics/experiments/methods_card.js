/** A metric by each method: with and without what was before, for every look and for one. The table of metrics shows the first. */
import { html } from "htm/preact";
import { experimentMetrics } from "../../../events/contract/experiment_metrics.ts";
import { formatInterval, formatLift, formatPValue } from "./experiment_words.js";

/**
 * @import { MetricName } from "../../../events/contract/experiment_metrics.ts"
 * @import { Estimate, MetricComparison, TestResult } from "../../../events/contract/experiment_results.ts"
 */

/** @type {Record<Estimate["fixed"]["test"], string>} */
const fixedTests = {
  welch: "Welch’s t-test",
  "two-proportions": "z-test of two proportions",
  z: "z-test",
};

/** @param {{ metric: MetricName, comparisons: MetricComparison[] }} props */
export function MethodsCard({ metric, comparisons }) {
  const { title, description } = experimentMetrics[metric];
  return html`
    <section class="chart-card" aria-label="By method">
      <h3>${title}, by method</h3>
      <p class="muted">${description}.</p>
      <div class="table-scroll" tabindex="0" role="region" aria-label="Table: methods">
        <table class="tabular">
          <thead>
            <tr>
              <th>Variant</th>
              <th>Method</th>
              <th class="number">Lift</th>
              <th class="number">Interval</th>
              <th class="number">p, uncorrected</th>
            </tr>
          </thead>
          <tbody>
            ${comparisons.flatMap(({ variant, ...comparison }) =>
              methodsOf(comparison).map(({ name, lift, result }) =>
                html`
                  <tr key=${`${variant} ${name}`}>
                    <td>${variant}</td>
                    <td>${name}</td>
                    <td class="number">${formatLift(lift)}</td>
                    <td class="number nowrap">${formatInterval(result.lift)}</td>
                    <td class="number">${formatPValue(result.pValue)}</td>
                  </tr>
                `
              )
            )}
          </tbody>
        </table>
      </div>
      <p class="muted">
        A sequential test holds at every look; one of a fixed horizon holds for one look, at a time
        that was fixed before. CUPED takes out what was different in the 28 days before the exposure.
      </p>
    </section>
  `;
}

/**
 * @param {Pick<MetricComparison, "unadjusted" | "cuped">} comparison
 * @returns {{ name: string, lift: number | null, result: TestResult }[]} The one that is believed first.
 */
export function methodsOf({ unadjusted, cuped }) {
  const estimates = cuped === null ? [unadjusted] : [cuped, unadjusted];
  return estimates.flatMap((estimate) => {
    const { lift, sequential, fixed } = estimate;
    const adjusted = estimate === cuped ? `, CUPED (${varianceWords(cuped)})` : "";
    return [
      { name: `Sequential${adjusted}`, lift, result: sequential },
      { name: `Fixed horizon: ${fixedTests[fixed.test]}${adjusted}`, lift, result: fixed },
    ];
  });
}

/** @param {{ varianceReduction: number }} cuped */
function varianceWords({ varianceReduction }) {
  return `variance ${formatLift(-varianceReduction)}`;
}
