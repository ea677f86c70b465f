/** What can answer here, and how to add a model: for the first run, and wherever an answer is simulated. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { Popover } from "../components/popover.js";
import { availableFirst, models, modelsError } from "../state/models.js";

/** @import { ModelView } from "../../events/contract/api.ts" */

/** @param {{ model: ModelView | null }} props Says plainly where no model would write the next answer. */
export function SimulatedNotice({ model }) {
  return html`
    <div class="composer-note">
      ${model?.simulated && html`
        <span>Answers are simulated: no model writes them.</span>
        <${Popover}
          label="Add a model"
          buttonClass="link-button"
          content=${() => html`<${ModelSetup} />`}
        >Add a model</${Popover}>
      `}
    </div>
  `;
}

/** The models that are ready, those that are not and why. */
export function ModelStates() {
  if (modelsError.value !== null && models.value === null) {
    return html`<p class="problem">Cannot tell which models are ready. ${modelsError.value}</p>`;
  }
  const single = (models.value ?? []).filter(({ kind }) => kind === "model");
  return html`
    <ul class="model-states" aria-label="Models">
      ${availableFirst(single).map(({ name, available, simulated, reason }) =>
        html`
          <li key=${name} class=${available ? "ready" : "not-ready"}>
            <${Icon} name=${available ? "circle-check" : "circle-dashed"} />
            <span>
              <b>${name}</b>${" "}
              <span class="muted">
                ${available ? (simulated ? "ready, with simulated answers" : "ready") : reason}
              </span>
            </span>
          </li>
        `
      )}
    </ul>
  `;
}

const ways = [
  { title: "A vLLM server", setting: "VLLM_URL=http://127.0.0.1:8101" },
  { title: "OpenAI", setting: "OPENAI_API_KEY=sk-…" },
  { title: "Anthropic", setting: "ANTHROPIC_API_KEY=sk-ant-…" },
];

/** How to add a model. */
export function ModelSetup() {
  return html`
    <div class="model-setup">
      <h2>Add a model</h2>
      <p class="muted">Set one of these in the environment or in <code>.env</code>, and start again.</p>
      <dl>
        ${ways.map(({ title, setting }) =>
          html`
            <div key=${title}>
              <dt>${title}</dt>
              <dd><code>${setting}</code></dd>
            </div>
          `
        )}
      </dl>
      <p class="muted">
        Any other server that speaks OpenAI’s protocol, further models and the order in which they are tried stand
        in${" "}<code>deploy/turnlog.yaml</code>.
      </p>
    </div>
  `;
}
