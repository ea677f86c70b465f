/** One experiment: what it is, how it stands, what came of it, and what was done to it. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { access } from "../../operations/access.js";
import { AuditTrail, Phases } from "./audit_trail.js";
import { DefinitionCard } from "./definition_card.js";
import { ExperimentActions } from "./experiment_actions.js";
import { formatShare } from "./experiment_words.js";
import { readExperiment } from "./experiments_api.js";
import { ResultsView } from "./results_view.js";
import { PhaseChooser } from "./phase_chooser.js";
import { StatusMark } from "./status_mark.js";
import { useLoaded } from "./use_loaded.js";

/** @import { ExperimentDetail } from "../../../events/contract/experiment_view.ts" */

/** What is told grows slowly, and takes ClickHouse a moment. */
const refreshMs = 30_000;

/** @param {{ name: string }} props */
export function ExperimentPage({ name }) {
  // Null for the present one, whichever that comes to be.
  const [phase, setPhase] = useState(/** @type {number | null} */ (null));
  // Who signs in sees more of it.
  const dependencies = [name, phase, access.value === "signed-in"];
  const { value, error, set, retry } = useLoaded(
    () => readExperiment(name, phase),
    dependencies,
    refreshMs,
  );
  return html`
    ${error !== null && html`
      <p class="problem analytics-problem" role="alert">
        ${error}
        <button type="button" class="link-button" onClick=${retry}>Try again</button>
      </p>
    `}
    ${value !== null
      ? html`
        <${Experiment}
          experiment=${value}
          asked=${phase}
          onPhase=${setPhase}
          onChange=${(/** @type {ExperimentDetail} */ changed) => {
            setPhase(null);
            set(changed);
          }}
        />
      `
      : error === null && html`
        <div role="status" aria-label="Loading the experiment">
          <div class="skeleton experiment-skeleton"></div>
        </div>
      `}
  `;
}

/**
 * @param {{
 *   experiment: ExperimentDetail,
 *   asked: number | null,
 *   onPhase: (phase: number | null) => void,
 *   onChange: (experiment: ExperimentDetail) => void,
 * }} props `asked` is the phase that was chosen, null for the present one.
 */
function Experiment({ experiment, asked, onPhase, onChange }) {
  const { name, status, phases, winner, isInFile, isMadeUp, fileDefinition, results } = experiment;
  const shown = phases.find(({ phase }) => phase === (results?.phase ?? asked ?? experiment.phase));
  const definition = shown?.definition ?? experiment.definition;
  const { unit, traffic, route, client, layer } = definition;
  return html`
    <article class="experiment" aria-label=${`Experiment ${name}`}>
      <header class="experiment-head">
        <h2>${name}</h2>
        <${StatusMark} status=${status} />
        ${shown !== undefined && html`
          <${PhaseChooser} phases=${phases} shown=${shown} onChoose=${onPhase} />
        `}
        <${ExperimentActions} experiment=${experiment} onChange=${onChange} />
      </header>
      <p class="muted experiment-scope">
        ${formatShare(traffic)} of the ${unit}s that ask for ${route}${client === undefined
          ? ""
          : client === "app"
          ? " in the app"
          : " as programs"}${layer === name ? "" : `, in the layer ${layer}`}.${winner !== null &&
          ` ${winner} has won: it answers everybody, until the experiment is removed from turnlog.yaml.`}
      </p>
      ${isMadeUp
        ? html`
          <p class="experiment-note">
            A demonstration: deno task seed made up this experiment and the turns that it counts.
          </p>
        `
        : !isInFile && status !== "ended" && html`
          <p class="experiment-note">
            It is not in turnlog.yaml any more, so it has no part in any turn.
          </p>
        `}
      ${fileDefinition !== null && status !== "draft" && html`
        <p class="experiment-note">
          turnlog.yaml defines it otherwise now. ${status === "stopped"
            ? "The next start takes that up, as another phase."
            : status === "ended"
            ? "It has ended, so nothing comes of that."
            : "That could not be taken up; the log of the api tells why."}
        </p>
      `}
      ${status !== "draft" && (results === null
        ? html`
          <p class="experiment-note" role="status">
            ClickHouse does not tell the results now. They come back with it.
          </p>
        `
        : html`<${ResultsView} key=${results.phase} results=${results} />`)}
      <div class="experiment-cards">
        <${DefinitionCard} definition=${definition} exposures=${experiment.exposures} />
        <${Phases} phases=${phases} />
        <${AuditTrail} audit=${experiment.audit} />
      </div>
    </article>
  `;
}
