/** What a new conversation shows before its first message. */
import { html } from "htm/preact";
import { currentModel, models, modelsError } from "../state/models.js";
import { ModelSetup, ModelStates } from "./model_setup.js";

export function EmptyConversation() {
  const current = currentModel.value;
  // What comes with the models would move what is there already.
  if (models.value === null && modelsError.value === null) return null;
  const needsSetup = models.value !== null &&
    !models.value.some(({ kind, available, simulated }) =>
      kind === "model" && available && !simulated
    );
  return html`
    <div class="empty-conversation">
      <h1>What would you like to know?</h1>
      <p class="muted">
        Your message is kept the moment it is sent, and answered even if you close this page.
      </p>
      ${needsSetup
        ? html`
          <div class="setup-panel">
            <h2>What can answer here</h2>
            <${ModelStates} />
            <${ModelSetup} />
          </div>
        `
        : current && html`
          <details class="ready-models">
            <summary>${summaryOf(current)}</summary>
            <${ModelStates} />
            <${ModelSetup} />
          </details>
        `}
    </div>
  `;
}

/** @param {import("../../events/contract/api.ts").ModelView} model */
function summaryOf({ name, kind, candidates, available, reason }) {
  if (!available) return `${name} cannot answer. ${reason ?? ""}`;
  const ready = kind === "model" ? [name] : candidates.filter(isReady);
  const then = ready.length < 2 ? "" : `, and if it cannot, ${ready.slice(1).join(", then ")}`;
  return `${ready[0] ?? name} answers${then}`;
}

/** @param {string} candidate */
function isReady(candidate) {
  return models.value?.some(({ name, available }) => name === candidate && available) ?? false;
}
