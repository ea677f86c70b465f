/** The chat: the list of conversations beside the open one; on a phone the list is in the drawer. */
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { Drawer } from "../frame/drawer.js";
import { isPhone } from "../frame/is_phone.js";
import { navigate } from "../router.js";
import { titleOf } from "../state/conversation_list.js";
import { openConversation } from "../state/open_conversations.js";
import { listOpen } from "../state/preferences.js";
import { ConversationListView } from "./conversation_list_view.js";
import { ConversationView } from "./conversation_view.js";

export function ChatPlace() {
  const conversation = openConversation.value;
  const isListShown = !isPhone.value && listOpen.value;
  useShortcuts();
  return html`
    ${isListShown && html`
      <aside class="list-panel" aria-label="List of conversations">
        <${ConversationListView} headEnd=${listToggle("Hide the list", "panel-left-close")} />
      </aside>
    `}
    <main class="place">
      <${Header} isListShown=${isListShown} />
      ${conversation !== null &&
        html`<${ConversationView} key=${conversation.key} conversation=${conversation} />`}
    </main>
  `;
}

/** @param {{ isListShown: boolean }} props */
function Header({ isListShown }) {
  const conversation = openConversation.value;
  const id = conversation?.id.value ?? null;
  const title = id === null ? "New chat" : titleOf(id) ?? conversation?.title.value ?? "";
  return html`
    <header class="place-head">
      ${isPhone.value && html`
        <${Drawer}>
          <${ConversationListView} />
          </${Drawer}>
      `}
      ${!isPhone.value && !isListShown && listToggle("Show the list", "panel-left-open")}
      <h1 class="place-title" title=${title}>${title}</h1>
      ${!isListShown && html`
        <a class="icon-button" href="/" aria-label="New chat" title="New chat">
          <${Icon} name="square-pen" size=${18} />
        </a>
      `}
    </header>
  `;
}

/**
 * @param {string} label
 * @param {string} icon
 */
function listToggle(label, icon) {
  return html`
    <button
      type="button"
      class="icon-button"
      aria-label=${label}
      title=${label}
      onClick=${() => listOpen.value = !listOpen.value}
    ><${Icon} name=${icon} size=${18} /></button>
  `;
}

/** Ctrl or ⌘ with K searches, with Shift and O begins a new chat. */
function useShortcuts() {
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);

  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    const key = event.key.toLowerCase();
    if (key === "k") {
      event.preventDefault();
      if (listOpen.value) return focusSearch();
      listOpen.value = true;
      requestAnimationFrame(focusSearch);
    } else if (key === "o" && event.shiftKey) {
      event.preventDefault();
      navigate("/");
    }
  }
}

function focusSearch() {
  document.querySelector(/** @type {"input"} */ (".search-field"))?.select();
}
