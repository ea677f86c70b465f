/** Start, Stop, and End with a winner: for operators; anyone else is asked to sign in. */
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../../api.js";
import { Popover } from "../../components/popover.js";
import { access, checkAccess, loadAccess } from "../../operations/access.js";
import { SignInForm } from "../../operations/sign_in_form.js";
import { announce } from "../../state/announcements.js";
import { statusWords } from "./experiment_words.js";
import { changeExperiment } from "./experiments_api.js";

/** @import { ExperimentDetail } from "../../../events/contract/experiment_view.ts" */

/** @param {{ experiment: ExperimentDetail, onChange: (experiment: ExperimentDetail) => void }} props */
export function ExperimentActions({ experiment, onChange }) {
  const { name, status, isInFile, definition } = experiment;
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    loadAccess();
  }, []);

  /**
   * @param {"start" | "stop" | "end"} act
   * @param {string | null} [winner]
   */
  async function change(act, winner) {
    setBusy(true);
    setError("");
    try {
      const changed = await changeExperiment(name, act, winner);
      announce(`${name}: ${statusWords[changed.status]}`);
      onChange(changed);
    } catch (cause) {
      setError(messageOf(cause));
      checkAccess(cause);
    } finally {
      setBusy(false);
    }
  }

  if (status === "ended" || access.value === null) return null;
  if (access.value === "closed") {
    return html`<span class="muted experiment-actions">
      Set TURNLOG_OPERATOR_TOKEN for the api to change it here
    </span>`;
  }
  if (access.value === "signed-out") {
    return html`
      <div class="experiment-actions">
        <${Popover} label="Sign in" buttonClass="button" content=${() => html`<${SignInForm} />`}>
          Sign in to change it
        </${Popover}>
      </div>
    `;
  }
  return html`
    <div class="experiment-actions">
      ${error !== "" && html`<span class="problem" role="alert">${error}</span>`}
      ${status === "running"
        ? html`
          <button type="button" class="button" disabled=${isBusy} onClick=${() => change("stop")}>
            Stop
          </button>
        `
        : isInFile && html`
          <button
            type="button"
            class="button primary"
            disabled=${isBusy}
            onClick=${() => change("start")}
          >
            Start
          </button>
        `}
      ${status !== "draft" && html`
        <${Popover}
          label="End the experiment"
          buttonClass="button"
          content=${(/** @type {() => void} */ close) =>
            html`
              <${EndForm}
                variants=${definition.variants.map(({ name }) => name)}
                onEnd=${(/** @type {string | null} */ winner) => {
                  close();
                  change("end", winner);
                }}
              />
            `}
        >End …</${Popover}>
      `}
    </div>
  `;
}

/** @param {{ variants: string[], onEnd: (winner: string | null) => void }} props */
function EndForm({ variants, onEnd }) {
  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    onEnd(/** @type {string} */ (form.get("winner")) || null);
  }

  return html`
    <form class="end-form" onSubmit=${onSubmit}>
      <p>This is for good. The winner answers everybody whom the experiment concerned.</p>
      <fieldset>
        <legend>Winner</legend>
        ${variants.map((name, index) =>
          html`
            <label key=${name}>
              <input type="radio" name="winner" value=${name} required autofocus=${index === 0} />
              ${name}
            </label>
          `
        )}
        <label><input type="radio" name="winner" value="" required /> None</label>
      </fieldset>
      <button type="submit" class="button primary">End it</button>
    </form>
  `;
}
