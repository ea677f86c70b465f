/** The button that puts an answer beside another one to the same message, and the dialog in which they stand. */
import { html } from "htm/preact";
import { useRef, useState } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { answersBeside, isComparable, pairOf } from "../state/comparisons.js";
import { ComparisonView } from "./comparison_view.js";

/**
 * @import { Conversation } from "../state/conversation.js"
 * @import { Turn } from "../state/turn.js"
 */

const label = "Compare answers";

/** @param {{ conversation: Conversation, turn: Turn }} props Nothing is shown where there is no other whole answer. */
export function CompareAnswers({ conversation, turn }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [other, setOther] = useState(/** @type {Turn | null} */ (null));
  const answers = answersBeside(turn, conversation.turns.value);
  const others = answers.filter((answer) => answer !== turn && isComparable(answer));
  if (others.length === 0 || !isComparable(turn)) return null;

  /** @param {Turn} chosen */
  function open(chosen) {
    setOther(chosen);
    dialog.current?.showModal();
  }

  return html`
    ${others.length === 1
      ? html`
        <button
          type="button"
          class="icon-button"
          aria-label=${label}
          aria-haspopup="dialog"
          title=${label}
          onClick=${() => open(others[0])}
        ><${Icon} name="columns-2" /></button>
      `
      : html`
        <${Menu} label=${label} items=${() => others.map(item)}>
          <${Icon} name="columns-2" />
          </${Menu}>
      `}
    <dialog
      ref=${dialog}
      class="comparison"
      aria-label=${label}
      onClose=${() => setOther(null)}
      onClick=${(/** @type {MouseEvent} */ event) => {
        // A click beside it hits the dialog itself.
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      ${other && html`
        <${ComparisonView}
          conversation=${conversation}
          pair=${pairOf(turn, other)}
          onClose=${() => dialog.current?.close()}
        />
      `}
    </dialog>
  `;

  /** @param {Turn} answer */
  function item(answer) {
    const name = `With answer ${answers.indexOf(answer) + 1}`;
    return { key: answer.id, content: name, label: name, choose: () => open(answer) };
  }
}
