/** Which phase of an experiment is shown: each has results of its own, as its variants or weights were others. */
import { html } from "htm/preact";
import { formatTime } from "../../format.js";

/** @import { ExperimentPhase } from "../../../events/contract/experiment_view.ts" */

/**
 * @param {{
 *   phases: ExperimentPhase[],
 *   shown: ExperimentPhase,
 *   onChoose: (phase: number | null) => void,
 * }} props `onChoose` is told null for the newest, which another one may follow.
 */
export function PhaseChooser({ phases, shown, onChoose }) {
  const newest = phases[phases.length - 1];
  if (phases.length < 2) return html`<span class="muted">phase ${shown.phase}</span>`;
  return html`
    <label class="phase-chooser">
      Phase
      <select
        class="field"
        value=${shown.phase}
        onChange=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) => {
          const phase = Number(event.currentTarget.value);
          onChoose(phase === newest.phase ? null : phase);
        }}
      >
        ${phases.toReversed().map(({ phase, startedAt }) =>
          html`
            <option key=${phase} value=${phase}>${phase}, from ${formatTime(startedAt)}</option>
          `
        )}
      </select>
    </label>
    ${shown !== newest && shown.endedAt !== null && html`
      <span class="muted">ended ${formatTime(shown.endedAt)}</span>
    `}
  `;
}
