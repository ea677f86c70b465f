/** What was done to an experiment, and the phases that it had. */
import { html } from "htm/preact";
import { formatTime } from "../../format.js";
import { actWords, authorWords, formatShare } from "./experiment_words.js";

/** @import { ExperimentAct, ExperimentPhase } from "../../../events/contract/experiment_view.ts" */

/** @param {{ audit: ExperimentAct[] }} props */
export function AuditTrail({ audit }) {
  if (audit.length === 0) return null;
  return html`
    <section class="chart-card" aria-label="What was done">
      <h3>What was done</h3>
      <ol class="audit" reversed>
        ${audit.toReversed().map((act) =>
          html`
            <li key=${act.time}>
              <span>${actWords(act)}</span>
              <span class="muted">${formatTime(act.time)}, by ${authorWords(act)}</span>
            </li>
          `
        )}
      </ol>
    </section>
  `;
}

/** @param {{ phases: ExperimentPhase[] }} props */
export function Phases({ phases }) {
  if (phases.length < 2) return null;
  return html`
    <section class="chart-card" aria-label="Phases">
      <h3>Phases</h3>
      <div class="table-scroll" tabindex="0" role="region" aria-label="Table: phases">
        <table class="tabular">
          <thead>
            <tr>
              <th class="number">Phase</th>
              <th>From</th>
              <th>To</th>
              <th class="number">Traffic</th>
              <th>Weights</th>
            </tr>
          </thead>
          <tbody>
            ${phases.toReversed().map(({ phase, startedAt, endedAt, definition }) =>
              html`
                <tr key=${phase}>
                  <td class="number">${phase}</td>
                  <td class="nowrap">${formatTime(startedAt)}</td>
                  <td class="nowrap">${endedAt === null ? "now" : formatTime(endedAt)}</td>
                  <td class="number">${formatShare(definition.traffic)}</td>
                  <td>${definition.variants.map(({ name, weight }) => `${name} ${weight}`)
                    .join(", ")}</td>
                </tr>
              `
            )}
          </tbody>
        </table>
      </div>
    </section>
  `;
}
