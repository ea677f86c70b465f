/** One turn of the conversation: the message and its answer. Far from the view it is plain text, which is cheap. */
import { html } from "htm/preact";
import { AnswerView } from "./answer_view.js";
import { MessageBubble } from "./message_bubble.js";
import { useNearView } from "./near_view.js";

/**
 * @import { Conversation } from "../state/conversation.js"
 * @import { Turn } from "../state/turn.js"
 * @import { Step } from "../state/turn_tree.js"
 */

/**
 * @param {object} props
 * @param {Conversation} props.conversation
 * @param {Step<Turn>} props.step
 * @param {number} props.number Its place in the branch, from 1.
 * @param {boolean} props.isNearFirst Whether it is drawn in full from the beginning.
 * @param {boolean} props.isLast
 */
export function TurnView({ conversation, step, number, isNearFirst, isLast }) {
  const { turn, message, answer } = step;
  const { element, isNear } = useNearView(isNearFirst);
  return html`
    <article class="turn" ref=${element} aria-label=${`Turn ${number}`}>
      ${isNear.value
        ? html`
          <${MessageBubble} conversation=${conversation} turn=${turn} place=${message} />
          <${AnswerView} conversation=${conversation} turn=${turn} place=${answer} isLast=${isLast} />
        `
        : html`
          <div class="message">
            <div class="bubble">${turn.facts.value.message}</div>
          </div>
          <div class="answer far">${turn.answer.value.text}</div>
        `}
    </article>
  `;
}
