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
        <table class="tabular metric-table">
          <thead>
            <tr>
              <th>Variant</th>
              <th>Method</th>
              <th class="number">Lift</th>
              <th class="number">p</th>
            </tr>
          </thead>
          <tbody>
            ${comparisons.flatMap(({ variant, ...comparison }) =>
              methodsOf(comparison).map(({ name, adjustment, lift, result }) =>
                html`
                  <tr key=${`${variant} ${name} ${adjustment}`}>
                    <td>${variant}</td>
                    <td>${name}${adjustment !== null &&
                      html`<span class="muted interval">${adjustment}</span>`}</td>
                    <td class="number nowrap">
                      ${formatLift(lift)}
                      <span class="muted interval">${formatInterval(result.lift)}</span>
                    </td>
                    <td class="number">${formatPValue(result.pValue)}</td>
                  </tr>
                `
              )
            )}
          </tbody>
        </table>
      </div>
      <p class="muted">${powerWords(comparisons)}</p>
      <p class="muted">
        A sequential test holds at every look; one of a fixed horizon holds for one look, at a time
        that was fixed before. CUPED takes out what was different in the 28 days before the exposure. p
        is not corrected here.
      </p>
    </section>
  `;
}

/**
 * @param {Pick<MetricComparison, "unadjusted" | "cuped">} comparison
 * @returns {{ name: string, adjustment: string | null, lift: number | null, result: TestResult }[]} The one that is
 * believed first.
 */
export function methodsOf({ unadjusted, cuped }) {
  const both = (
    /** @type {Estimate} */ { lift, sequential, fixed },
    /** @type {string | null} */ adjustment,
  ) => [
    { name: "Sequential", adjustment, lift, result: sequential },
    { name: `Fixed horizon, ${fixedTests[fixed.test]}`, adjustment, lift, result: fixed },
  ];
  const adjusted = cuped === null
    ? []
    : both(cuped, `with CUPED, variance ${formatLift(-cuped.varianceReduction)}`);
  return [...adjusted, ...both(unadjusted, null)];
}

/** @param {MetricComparison[]} comparisons */
function powerWords(comparisons) {
  const lifts = comparisons.flatMap(({ variant, power: { detectableLift } }) =>
    detectableLift === null ? [] : [`${formatLift(detectableLift)} with ${variant}`]
  );
  return lifts.length === 0
    ? "What lift would be found cannot be said, as the baseline is 0."
    : `By now a lift as large as this is found in four cases of five: ${lifts.join(", ")}.`;
}
