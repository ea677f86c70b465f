/** Goes back and forth between the wordings of a message, or between the answers to it. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { showBranch } from "../state/open_conversations.js";

/**
 * @import { Conversation } from "../state/conversation.js"
 * @import { Place } from "../state/turn_tree.js"
 */

/** @param {{ conversation: Conversation, place: Place, what: "message" | "answer" }} props */
export function Siblings({ conversation, place, what }) {
  if (place.count < 2) return null;
  const position = `${place.index + 1}/${place.count}`;
  return html`
    <span class="siblings" role="group" aria-label=${`Versions of the ${what}`}>
      ${step(`Previous ${what}`, "chevron-left", place.previous, conversation)}
      <span class="tabular" aria-label=${`${place.index + 1} of ${place.count}`}>${position}</span>
      ${step(`Next ${what}`, "chevron-right", place.next, conversation)}
    </span>
  `;
}

/**
 * @param {string} label
 * @param {string} icon
 * @param {string | null} turnId
 * @param {Conversation} conversation
 */
function step(label, icon, turnId, conversation) {
  return html`
    <button
      type="button"
      class="icon-button small"
      aria-label=${label}
      title=${label}
      disabled=${turnId === null}
      onClick=${() => turnId !== null && showBranch(conversation, turnId)}
    ><${Icon} name=${icon} /></button>
  `;
}
