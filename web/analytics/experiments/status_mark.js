/** How an experiment stands, as a word with a mark. */
import { html } from "htm/preact";
import { Icon } from "../../components/icon.js";
import { statusWords } from "./experiment_words.js";

/** @import { ExperimentView } from "../../../events/contract/experiment_view.ts" */

/** @type {Record<ExperimentView["status"], string>} */
const icons = { draft: "pencil", running: "activity", stopped: "square", ended: "check" };

/** @param {{ status: ExperimentView["status"] }} props */
export function StatusMark({ status }) {
  return html`
    <span class="status-mark ${status}">
      <${Icon} name=${icons[status]} size=${14} />${statusWords[status]}
    </span>
  `;
}
