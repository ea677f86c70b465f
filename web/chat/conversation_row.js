/** One conversation in the list: opens it, renames it, deletes it. */
import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { chatAddress } from "../route.js";
import { navigate } from "../router.js";
import { remove, rename } from "../state/conversation_list.js";

/** @import { ConversationView } from "../../events/contract/api.ts" */

/** What the api takes at most, in UTF-16 code units. */
const titleLengthMax = 200;

/** @param {{ conversation: ConversationView, isOpen: boolean }} props */
export function ConversationRow({ conversation, isOpen }) {
  const [isRenaming, setRenaming] = useState(false);
  const link = useRef(/** @type {HTMLElement | null} */ (null));
  const title = conversation.title ?? "New conversation";

  function removeIt() {
    remove(conversation, () => isOpen && navigate(chatAddress(conversation.id)));
    if (isOpen) navigate("/");
  }

  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (event.key === "F2") setRenaming(true);
    else if (event.key === "Delete") removeIt();
    else return;
    event.preventDefault();
  }

  if (isRenaming) {
    return html`
      <${TitleField}
        title=${title}
        onEnd=${(/** @type {string | null} */ next) => {
          setRenaming(false);
          if (next !== null && next !== title) rename(conversation, next);
          requestAnimationFrame(() => link.current?.focus());
        }}
      />
    `;
  }
  return html`
    <div class="list-row ${isOpen ? "open" : ""}">
      <a
        ref=${link}
        class="row-link"
        href=${chatAddress(conversation.id)}
        aria-current=${isOpen ? "page" : undefined}
        title=${title}
        onKeyDown=${onKeyDown}
      >${title}</a>
      <${Menu}
        label=${`More for “${title}”`}
        title="More"
        buttonClass="icon-button small row-menu"
        items=${() => [
          {
            key: "rename",
            label: "Rename",
            content: html`<${Icon} name="pencil" /> Rename`,
            choose: () => setRenaming(true),
          },
          {
            key: "delete",
            label: "Delete",
            content: html`<${Icon} name="trash-2" /> Delete`,
            danger: true,
            choose: removeIt,
          },
        ]}
      >
        <${Icon} name="ellipsis" />
        </${Menu}>
        </div>
  `;
}

/** @param {{ title: string, onEnd: (title: string | null) => void }} props `onEnd` gets null where it stays. */
function TitleField({ title, onEnd }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const hasEnded = useRef(false);
  useLayoutEffect(() => field.current?.select(), []);

  /** @param {boolean} isKept */
  function end(isKept) {
    if (hasEnded.current) return;
    hasEnded.current = true;
    onEnd(isKept ? field.current?.value.trim() || null : null);
  }
  return html`
    <input
      ref=${field}
      class="title-field"
      aria-label="Title of the conversation"
      maxlength=${titleLengthMax}
      defaultValue=${title}
      onBlur=${() => end(true)}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        event.stopPropagation();
        if (event.key === "Enter" && !event.isComposing) end(true);
        if (event.key === "Escape") {
          event.preventDefault();
          end(false);
        }
      }}
    />
  `;
}
