/** What came of an experiment: the verdict, whether it may be believed, and each metric with its interval. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { formatTime } from "../../format.js";
import { HealthChecks } from "./health_checks.js";
import { LiftOverTime } from "./lift_over_time.js";
import { MethodsCard } from "./methods_card.js";
import { MetricTable } from "./metric_table.js";
import { Segments } from "./segments.js";

/**
 * @import { ExperimentResults } from "../../../events/contract/experiment_results.ts"
 * @import { MetricName } from "../../../events/contract/experiment_metrics.ts"
 */

/** @param {{ results: ExperimentResults }} props */
export function ResultsView({ results }) {
  const { verdict, metrics, variants, unit } = results;
  const goal = metrics.find(({ role }) => role === "goal");
  const [metric, setMetric] = useState(/** @type {MetricName | null} */ (null));
  const shown = metric ?? goal?.metric ?? metrics[0]?.metric;
  const judged = metrics.filter(({ role }) => role !== "other");
  const others = metrics.filter(({ role, comparisons }) =>
    role === "other" && comparisons.length > 0
  );
  const comparisons = metrics.find(({ metric }) => metric === shown)?.comparisons ?? [];
  const units = variants.reduce((sum, { units }) => sum + units, 0);
  return html`
    <p class="verdict ${verdict.outcome}" role="status">${verdict.sentence}</p>
    <${HealthChecks} results=${results} />
    <section class="chart-card" aria-label="Results">
      <h3>Results</h3>
      <${MetricTable} metrics=${judged} chosen=${shown} onChoose=${setMetric} />
      ${others.length > 0 && html`
        <details class="other-metrics">
          <summary>Other metrics</summary>
          <${MetricTable} metrics=${others} chosen=${shown} onChoose=${setMetric} />
        </details>
      `}
      <p class="muted">
        Lifts against ${results
          .baseline}, with intervals that hold however often you look (95%). p is
        corrected for the number of comparisons by Holm’s method; n is how many ${unit}s a value is of.
        Dots right of the line are higher, not always better. Counted are events until
        ${" "}${formatTime(results.to)}.
      </p>
    </section>
    ${units > 0 && shown !== undefined && html`
      <div class="experiment-cards">
        ${comparisons.length > 0 && html`
          <${MethodsCard} metric=${shown} comparisons=${comparisons} />
        `}
        <${LiftOverTime} key=${`lift ${shown}`} of=${results} metric=${shown} />
        <${Segments} key=${`segments ${shown}`} of=${results} metric=${shown} />
      </div>
    `}
  `;
}
