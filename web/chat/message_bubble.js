/** A person's message: what they wrote, its other wordings, and whether the server has it. */
import { html } from "htm/preact";
import { CopyButton } from "../components/copy_button.js";
import { Icon } from "../components/icon.js";
import { Siblings } from "./siblings.js";

/**
 * @import { Conversation } from "../state/conversation.js"
 * @import { Turn } from "../state/turn.js"
 * @import { Place } from "../state/turn_tree.js"
 */

/** @param {{ conversation: Conversation, turn: Turn, place: Place }} props */
export function MessageBubble({ conversation, turn, place }) {
  const { message } = turn.facts.value;
  const delivery = turn.delivery.value;
  return html`
    <div class="message" role="group" aria-label="Your message">
      <div class="bubble ${delivery.state === "accepted" ? "" : "sending"}">${message}</div>
      ${delivery.state === "failed" || delivery.state === "waiting"
        ? html`<${NotSent} conversation=${conversation} turn=${turn} />`
        : html`
          <div class="message-actions">
            <span class="on-hover">
              <${CopyButton} label="Copy message" text=${() =>
                message} buttonClass="icon-button small" />
              <button
                type="button"
                class="icon-button small"
                aria-label="Edit message"
                title="Edit message"
                onClick=${() => conversation.editing.value = turn}
              ><${Icon} name="pencil" /></button>
            </span>
            <${Siblings} conversation=${conversation} place=${place} what="message" />
          </div>
        `}
    </div>
  `;
}

/** @param {{ conversation: Conversation, turn: Turn }} props */
function NotSent({ conversation, turn }) {
  const delivery = turn.delivery.value;
  const isWaiting = delivery.state === "waiting";
  return html`
    <div class="not-sent ${isWaiting ? "waiting" : "problem"}" role=${isWaiting
      ? "status"
      : "alert"}>
      ${isWaiting && html`<${Icon} name="wifi-off" />`}
      <span>${delivery.state === "failed"
        ? `Not sent. ${delivery.error}`
        : "Waiting for the server · trying again"}</span>
      <button type="button" class="link-button" onClick=${() => conversation.deliver(turn)}>
        ${isWaiting ? "Try now" : "Try again"}
      </button>
      <button type="button" class="link-button" onClick=${() => conversation.takeBack(turn)}>
        Edit
      </button>
      <button type="button" class="link-button" onClick=${() => conversation.discard(turn)}>
        Discard
      </button>
    </div>
  `;
}
