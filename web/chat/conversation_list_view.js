/** The list of conversations: search, new chat, and the conversations by day. */
import { html } from "htm/preact";
import { useRef } from "preact/hooks";
import { Icon } from "../components/icon.js";
import {
  conversations,
  isListed,
  isLoading,
  listError,
  loadMore,
  nextCursor,
  refresh,
  search,
  searchFor,
} from "../state/conversation_list.js";
import { openConversation } from "../state/open_conversations.js";
import { ConversationRow } from "./conversation_row.js";
import { dayGroups } from "./day_groups.js";

/** So near to the end of the list, in pixels, the next page is fetched. */
const nearEndPx = 600;

/** @param {{ headEnd?: unknown, foot?: unknown }} props What else stands in its head and at its foot. */
export function ConversationListView({ headEnd, foot }) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const openId = openConversation.value?.id.value ?? null;

  /** @param {Event} event */
  function onScroll({ currentTarget }) {
    const { scrollHeight, scrollTop, clientHeight } = /** @type {HTMLElement} */ (currentTarget);
    if (scrollHeight - scrollTop - clientHeight < nearEndPx) loadMore();
  }

  return html`
    <div class="conversation-list">
      <div class="list-head">
        <a class="button new-chat" href="/"><${Icon} name="square-pen" /> New chat</a>
        ${headEnd}
      </div>
      <div class="search">
        <${Icon} name="search" />
        <input
          type="search"
          class="search-field"
          aria-label="Search conversations"
          placeholder="Search"
          value=${search.value}
          onInput=${(/** @type {InputEvent} */ event) =>
            searchFor(/** @type {HTMLInputElement} */ (event.target).value)}
          onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
            if (event.key === "ArrowDown") focusRow(list.current, 0, event);
          }}
        />
      </div>
      <nav
        ref=${list}
        class="list-rows"
        aria-label="Conversations"
        onScroll=${onScroll}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => moveFocus(list.current, event)}
      >
        ${listError.value && html`
          <p class="problem list-note" role="alert">
            ${listError.value}
            <button type="button" class="link-button" onClick=${refresh}>Try again</button>
          </p>
        `}
        ${dayGroups(conversations.value, new Date()).map(({ title, items }) =>
          html`
            <section key=${title} aria-label=${title}>
              <h2 class="list-heading">${title}</h2>
              ${items.map((item) =>
                html`
                  <${ConversationRow} key=${item
                    .id} conversation=${item} isOpen=${item.id === openId} />
                `
              )}
            </section>
          `
        )}
        ${isListed.value && conversations.value.length === 0 &&
          html`<p class="list-note muted">${empty()}</p>`}
        ${isLoading.value && (nextCursor.value !== null || !isListed.value) &&
          html`<${Skeleton} />`}
      </nav>
      ${foot}
    </div>
  `;
}

function empty() {
  return search.value.trim() === ""
    ? "Your conversations will be listed here."
    : `No conversation holds “${search.value.trim()}”.`;
}

function Skeleton() {
  return html`
    <div role="status" aria-label="Loading conversations">
      <div class="skeleton row"></div>
      <div class="skeleton row"></div>
      <div class="skeleton row"></div>
    </div>
  `;
}

/**
 * @param {HTMLElement | null} list
 * @param {KeyboardEvent} event
 */
function moveFocus(list, event) {
  const rows = rowsOf(list);
  const at = rows.findIndex((row) => row === document.activeElement);
  if (at === -1) return;
  if (event.key === "ArrowDown") focusRow(list, Math.min(at + 1, rows.length - 1), event);
  else if (event.key === "ArrowUp") focusRow(list, Math.max(at - 1, 0), event);
  else if (event.key === "Home") focusRow(list, 0, event);
  else if (event.key === "End") focusRow(list, rows.length - 1, event);
}

/**
 * @param {HTMLElement | null} list
 * @param {number} index
 * @param {KeyboardEvent} event
 */
function focusRow(list, index, event) {
  event.preventDefault();
  rowsOf(list)[index]?.focus();
}

/** @param {HTMLElement | null} list @returns {HTMLElement[]} */
function rowsOf(list) {
  return [...(list?.querySelectorAll(/** @type {"a"} */ (".row-link")) ?? [])];
}
