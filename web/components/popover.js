/** A button that opens a small dialog beside it, in the browser's top layer; what is in it is made when it opens. */
import { html } from "htm/preact";
import { useId, useRef, useState } from "preact/hooks";
import { placeBeside } from "./place_beside.js";

/**
 * @param {object} props
 * @param {string} props.label The dialog's name.
 * @param {string} props.buttonClass
 * @param {boolean} [props.isPressed] For a button that also tells what is chosen.
 * @param {unknown} props.children What the button shows.
 * @param {(close: () => void) => unknown} props.content
 */
export function Popover({ label, buttonClass, isPressed, children, content }) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  const dialog = useRef(/** @type {HTMLElement | null} */ (null));

  /** @param {ToggleEvent} event */
  function onToggle(event) {
    setOpen(event.newState === "open");
    // What is in it is there after the next render.
    requestAnimationFrame(() => {
      if (dialog.current !== null && button.current !== null) {
        placeBeside(dialog.current, button.current);
      }
    });
  }

  return html`
    <button
      ref=${button}
      type="button"
      class=${buttonClass}
      title=${label}
      aria-haspopup="dialog"
      aria-expanded=${isOpen}
      aria-pressed=${isPressed}
      popovertarget=${id}
    >${children}</button>
    <div
      ref=${dialog}
      id=${id}
      popover="auto"
      role="dialog"
      aria-label=${label}
      class="popover"
      onToggle=${onToggle}
    >${isOpen && content(() => dialog.current?.hidePopover())}</div>
  `;
}
