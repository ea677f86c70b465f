/** An answer: what happened on the way to it, its text, and the line beneath. */
import { html } from "htm/preact";
import { AnswerLine } from "./answer_line.js";
import { AnswerText } from "./answer_text.js";
import { AnswerEnd, AnswerProgress } from "./answer_state.js";
import { noticesOf } from "./turn_words.js";

/**
 * @import { Conversation } from "../state/conversation.js"
 * @import { Turn } from "../state/turn.js"
 * @import { Place } from "../state/turn_tree.js"
 */

/** @param {{ conversation: Conversation, turn: Turn, place: Place, isLast: boolean }} props */
export function AnswerView({ conversation, turn, place, isLast }) {
  const isEnded = turn.isEnded;
  return html`
    <div class="answer" role="group" aria-label="Answer" aria-busy=${!isEnded}>
      <${Notices} turn=${turn} />
      <${Reasoning} turn=${turn} />
      <${AnswerText} turn=${turn} />
      ${isEnded
        ? html`
          <${AnswerEnd} conversation=${conversation} turn=${turn} />
          <${AnswerLine} conversation=${conversation} turn=${turn} place=${place} isLast=${isLast} />
        `
        : html`<${AnswerProgress} turn=${turn} />`}
      ${turn.actionError.value &&
        html`<p class="problem" role="alert">${turn.actionError.value}</p>`}
    </div>
  `;
}

/** @param {{ turn: Turn }} props */
function Notices({ turn }) {
  const notices = noticesOf(turn.facts.value);
  if (notices.length === 0) return null;
  return html`
    <ul class="notices" aria-label="What happened">
      ${notices.map(({ key, text, detail }) => html`<li key=${key} title=${detail}>${text}</li>`)}
    </ul>
  `;
}

/** @param {{ turn: Turn }} props */
function Reasoning({ turn }) {
  const { text, reasoning } = turn.answer.value;
  if (reasoning === "") return null;
  const isThinking = text === "" && !turn.isEnded;
  return html`
    <details class="reasoning">
      <summary>${isThinking ? "Thinking…" : "Thoughts"}</summary>
      <div class="reasoning-text">${reasoning}</div>
    </details>
  `;
}
