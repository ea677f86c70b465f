/** The line beneath an answer: who wrote it, how long it took, what it cost, and what can be done with it. */
import { html } from "htm/preact";
import { CopyButton } from "../components/copy_button.js";
import { Icon } from "../components/icon.js";
import { isSimulated } from "../state/models.js";
import { AnswerFacts } from "./answer_facts.js";
import { regenerate } from "./answer_state.js";
import { CompareAnswers } from "./compare_answers.js";
import { ModelMenu } from "./model_menu.js";
import { Siblings } from "./siblings.js";

/**
 * @import { Conversation } from "../state/conversation.js"
 * @import { Turn } from "../state/turn.js"
 * @import { Place } from "../state/turn_tree.js"
 */

/** @param {{ conversation: Conversation, turn: Turn, place: Place, isLast: boolean }} props */
export function AnswerLine({ conversation, turn, place, isLast }) {
  const { attempts, text, feedback } = turn.facts.value;
  const last = attempts.at(-1);
  return html`
    <div class="answer-line">
      <${Siblings} conversation=${conversation} place=${place} what="answer" />
      ${last && html`<${AnswerFacts} turn=${turn} />`}
      ${last && isSimulated(last.model) &&
        html`<span class="badge" title="No model wrote this answer">Simulated</span>`}
      <span class="answer-actions ${isLast ? "" : "on-hover"}">
        ${text !== "" && html`<${CopyButton} label="Copy answer" text=${() => text} />`}
        <span class="split-button">
          <button
            type="button"
            class="icon-button"
            aria-label="Regenerate"
            title="Regenerate"
            onClick=${() => regenerate(conversation, turn)}
          ><${Icon} name="refresh-cw" /></button>
          <${ModelMenu}
            label="Regenerate with another model"
            buttonClass="icon-button narrow"
            current=${null}
            onChoose=${(/** @type {string} */ name) => regenerate(conversation, turn, name)}
          ><${Icon} name="chevron-down" size=${12} /></${ModelMenu}>
        </span>
        <${CompareAnswers} conversation=${conversation} turn=${turn} />
        ${text !== "" && rating(turn, feedback.rating, "up", "Good answer")}
        ${text !== "" && rating(turn, feedback.rating, "down", "Bad answer")}
      </span>
    </div>
  `;
}

/**
 * @param {Turn} turn
 * @param {"up" | "down" | null} given
 * @param {"up" | "down"} rating
 * @param {string} label
 */
function rating(turn, given, rating, label) {
  const isGiven = given === rating;
  return html`
    <button
      type="button"
      class="icon-button"
      aria-label=${label}
      title=${label}
      aria-pressed=${isGiven}
      onClick=${() => turn.rate(isGiven ? null : rating)}
    ><${Icon} name=${`thumbs-${rating}`} /></button>
  `;
}
