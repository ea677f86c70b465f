/** A metric by what was so before the exposure: by the route that was asked for, new or known visitors, app or program. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { experimentMetrics } from "../../../events/contract/experiment_metrics.ts";
import { formatLift } from "./experiment_words.js";
import { readSegments } from "./experiments_api.js";
import { ComparisonCells } from "./metric_table.js";
import { useLoaded } from "./use_loaded.js";
import { scaleOf } from "./whisker.js";

/**
 * @import { MetricName } from "../../../events/contract/experiment_metrics.ts"
 * @import { ExperimentSegment, SegmentResult } from "../../../events/contract/experiment_results.ts"
 * @import { PhaseOfExperiment } from "./experiments_api.js"
 */

/** @type {Record<ExperimentSegment, string>} */
const titles = { visitor: "New or known", client: "App or program", asked_for: "Asked for" };
const segments = /** @type {ExperimentSegment[]} */ (Object.keys(titles));

/** @param {{ of: PhaseOfExperiment, metric: MetricName }} props */
export function Segments({ of, metric }) {
  const [segment, setSegment] = useState(/** @type {ExperimentSegment} */ ("visitor"));
  const { value, error } = useLoaded(
    () => readSegments(of, metric, segment),
    [of.experiment, of.phase, metric, segment],
  );
  return html`
    <section class="chart-card wide" aria-label="By segment">
      <div class="chart-head">
        <h3>${experimentMetrics[metric].title}, by segment</h3>
        <div class="segments" role="group" aria-label="Segments">
          ${segments.map((each) =>
            html`
              <button
                key=${each}
                type="button"
                class="segment"
                aria-pressed=${each === segment}
                onClick=${() => setSegment(each)}
              >${titles[each]}</button>
            `
          )}
        </div>
      </div>
      ${error !== null
        ? html`<p class="problem" role="alert">${error}</p>`
        : value === null
        ? html`<div class="skeleton experiment-skeleton" role="status" aria-label="Loading"></div>`
        : html`<${SegmentTable} metric=${metric} results=${value} />`}
      <p class="muted">
        Not corrected for looking at several segments: what is found here is a question for the next
        experiment.
      </p>
    </section>
  `;
}

/** @param {{ metric: MetricName, results: SegmentResult[] }} props */
function SegmentTable({ metric, results }) {
  const scale = scaleOf(results.flatMap(({ comparisons }) => comparisons));
  if (results.length === 0) return html`<p class="muted">Nothing to compare yet</p>`;
  return html`
    <div class="table-scroll" tabindex="0" role="region" aria-label="Table: segments">
      <table class="tabular metric-table">
        <thead>
          <tr>
            <th>Segment</th>
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
          ${results.flatMap(({ value, comparisons }) =>
            comparisons.map((comparison) =>
              html`
                <tr key=${`${value} ${comparison.variant}`}>
                  <td>${value}</td>
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
