/** All experiments with their state, their traffic and how many were exposed. */
import { html } from "htm/preact";
import { formatCount, formatTime, plural } from "../../format.js";
import { formatShare } from "./experiment_words.js";
import { listExperiments } from "./experiments_api.js";
import { StatusMark } from "./status_mark.js";
import { useLoaded } from "./use_loaded.js";

/** @import { ExperimentView } from "../../../events/contract/experiment_view.ts" */

const refreshMs = 10_000;

/** @param {{ addressOf: (name: string) => string }} props */
export function ExperimentList({ addressOf }) {
  const { value: experiments, error, retry } = useLoaded(listExperiments, [], refreshMs);
  return html`
    ${error !== null && html`
      <p class="problem analytics-problem" role="alert">
        ${error}
        <button type="button" class="link-button" onClick=${retry}>Try again</button>
      </p>
    `}
    ${experiments === null
      ? error === null && html`
        <div role="status" aria-label="Loading the experiments">
          ${[1, 2, 3].map((key) =>
            html`<div key=${key} class="skeleton experiment-skeleton"></div>`
          )}
        </div>
      `
      : experiments.length === 0
      ? html`<${NoExperiments} />`
      : html`
        <ul class="experiment-list" aria-label="Experiments">
          ${experiments.map((experiment) =>
            html`
              <li key=${experiment.name}>
                <${ExperimentRow} experiment=${experiment} address=${addressOf(experiment.name)} />
              </li>
            `
          )}
        </ul>
      `}
  `;
}

/** @param {{ experiment: ExperimentView, address: string }} props */
function ExperimentRow({ experiment, address }) {
  const { name, status, definition, isInFile, isMadeUp, winner, startedAt, endedAt } = experiment;
  const { unit, traffic, route, variants, goal } = definition;
  return html`
    <a class="experiment-row" href=${address}>
      <span class="experiment-name">${name}</span>
      <${StatusMark} status=${status} />
      <span class="muted">
        ${variants.map(({ name }) => name).join(" · ")} — ${formatShare(traffic)} of the
        ${" "}${unit}s of ${route}, for ${goal.replaceAll("_", " ")}
      </span>
      <span class="muted experiment-exposures">${exposureWords(experiment)}</span>
      <span class="muted experiment-when">
        ${winner !== null && `${winner} won · `}${endedAt !== null
          ? `ended ${formatTime(endedAt)}`
          : startedAt !== null
          ? `since ${formatTime(startedAt)}`
          : "not started"}${isMadeUp
          ? " · made up by deno task seed"
          : !isInFile && " · not in turnlog.yaml any more"}
      </span>
    </a>
  `;
}

/** @param {ExperimentView} experiment */
function exposureWords({ exposures, definition: { unit } }) {
  if (exposures === null) return "";
  const units = exposures.reduce((sum, { units }) => sum + units, 0);
  const parts = exposures.map(({ variant, units }) => `${variant} ${formatCount(units)}`);
  return `${plural(units, unit)} exposed: ${parts.join(", ")}`;
}

function NoExperiments() {
  return html`
    <div class="page-message">
      <p>
        An experiment answers some users in another way, and shows what comes of it. Define one in
        ${" "}<code>turnlog.yaml</code>:
      </p>
      <pre class="experiment-example"><code>${example}</code></pre>
      <p>
        One that can be tried without a key stands at the end of <code>deploy/turnlog.yaml</code>.
      </p>
    </div>
  `;
}

const example = `experiments:
  tone:
    route: default
    goal: thumbs_up_rate
    variants:
      control: { weight: 50 }
      brief:
        weight: 50
        overrides:
          systemPrompt: Answer in two sentences.`;
