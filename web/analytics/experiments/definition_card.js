/** What an experiment compares: its variants with what each changes, its goal and its guardrails. */
import { html } from "htm/preact";
import { formatCount } from "../../format.js";
import { experimentMetrics } from "../../../events/contract/experiment_metrics.ts";
import { formatShare, overrideWords } from "./experiment_words.js";

/**
 * @import { ShownDefinition, VariantExposures } from "../../../events/contract/experiment_view.ts"
 */

/** @param {{ definition: ShownDefinition, exposures: VariantExposures[] | null }} props */
export function DefinitionCard({ definition, exposures }) {
  const { variants, goal, guardrails, unit } = definition;
  const weights = variants.reduce((sum, { weight }) => sum + weight, 0);
  return html`
    <section class="chart-card" aria-label="Definition">
      <h3>Definition</h3>
      <div class="table-scroll" tabindex="0" role="region" aria-label="Table: variants">
        <table class="tabular">
          <thead>
            <tr>
              <th>Variant</th>
              <th class="number">Share</th>
              <th class="number">${unit === "user" ? "Users" : "Conversations"}</th>
              <th class="number">Turns</th>
              <th>Changes</th>
            </tr>
          </thead>
          <tbody>
            ${variants.map(({ name, weight, overrides }, index) => {
              const exposed = exposures?.find(({ variant }) => variant === name);
              return html`
                <tr key=${name}>
                  <td>${name}${index === 0 &&
                    html`<span class="muted metric-role">baseline</span>`}</td>
                  <td class="number">${formatShare(weight / weights)}</td>
                  <td class="number">${exposed ? formatCount(exposed.units) : "–"}</td>
                  <td class="number">${exposed ? formatCount(exposed.turns) : "–"}</td>
                  <td>${overrideWords(overrides).join(" · ") || "nothing"}</td>
                </tr>
              `;
            })}
          </tbody>
        </table>
      </div>
      <p class="muted">
        Goal: ${experimentMetrics[goal].title}. ${guardrails.length > 0 &&
          `Guardrails: ${guardrails.map((name) => experimentMetrics[name].title).join(", ")}.`}
      </p>
    </section>
  `;
}
