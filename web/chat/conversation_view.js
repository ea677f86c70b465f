/** An open conversation: its turns in one column that follows the end, and the composer at the foot. */
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { Composer, runningTurn } from "./composer.js";
import { EmptyConversation } from "./empty_conversation.js";
import { useFollowEnd } from "./follow_end.js";
import { TurnView } from "./turn_view.js";

/** @import { Conversation } from "../state/conversation.js" */

/** The last turns are drawn in full from the beginning; the others when they come near. */
const fullTurns = 8;

/** @param {{ conversation: Conversation }} props Mounted anew for each conversation. */
export function ConversationView({ conversation }) {
  const { scroller, content, isFollowing, jumpToEnd } = useFollowEnd(() =>
    conversation.branch.value.length > 0
  );
  useEscape(conversation);
  return html`
    <div class="conversation">
      <div class="scroller" ref=${scroller}>
        <div class="column" ref=${content}>
          <${ConversationContent} conversation=${conversation} />
        </div>
      </div>
      <div class="conversation-foot">
        ${!isFollowing.value && html`
          <button type="button" class="button jump-button" onClick=${jumpToEnd}>
            <${Icon} name="arrow-down" /> Jump to the end
          </button>
        `}
        <${Composer} conversation=${conversation} onSend=${jumpToEnd} />
      </div>
    </div>
  `;
}

/** @param {{ conversation: Conversation }} props */
function ConversationContent({ conversation }) {
  const loading = conversation.loading.value;
  const branch = conversation.branch.value;
  if (loading.state === "missing") {
    return html`
      <div class="page-message" role="alert">
        <p>There is no such conversation. It may have been deleted.</p>
        <a class="button primary" href="/">New chat</a>
      </div>
    `;
  }
  if (loading.state === "failed") {
    return html`
      <div class="page-message" role="alert">
        <p>The conversation could not be loaded. ${loading.error}</p>
        <button type="button" class="button" onClick=${() =>
          conversation.refresh()}>Try again</button>
      </div>
    `;
  }
  if (branch.length === 0) {
    return loading.state === "loading" ? html`<${Skeleton} />` : html`<${EmptyConversation} />`;
  }
  return html`
    <div role="log" aria-label="Conversation" aria-live="off">
      ${branch.map((step, index) =>
        html`
          <${TurnView}
            key=${step.turn.id}
            conversation=${conversation}
            step=${step}
            number=${index + 1}
            isNearFirst=${index >= branch.length - fullTurns}
            isLast=${index === branch.length - 1}
          />
        `
      )}
    </div>
  `;
}

function Skeleton() {
  return html`
    <div class="conversation-skeleton" role="status" aria-label="Loading the conversation">
      <div class="skeleton right"></div>
      <div class="skeleton"></div>
      <div class="skeleton"></div>
      <div class="skeleton short"></div>
    </div>
  `;
}

/** @param {Conversation} conversation Esc stops its answer, unless something nearer takes the key. */
function useEscape(conversation) {
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [conversation]);

  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open], :popover-open") !== null) return;
    runningTurn(conversation)?.stop();
  }
}
