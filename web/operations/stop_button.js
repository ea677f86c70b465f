/** A button that stops something, once it was said what that means. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { Popover } from "../components/popover.js";

/**
 * @param {object} props
 * @param {string} props.label What is stopped.
 * @param {string} props.meaning
 * @param {boolean} props.isDisabled
 * @param {() => void} props.onStop
 */
export function StopButton({ label, meaning, isDisabled, onStop }) {
  if (isDisabled) return html`<button type="button" class="button small" disabled>Stop</button>`;
  return html`
    <${Popover}
      label=${label}
      buttonClass="button small"
      content=${(/** @type {() => void} */ close) =>
        html`
          <p>${meaning}</p>
          <button
            type="button"
            class="button danger"
            onClick=${() => {
              close();
              onStop();
            }}
          >Stop it</button>
        `}
    ><${Icon} name="square" size=${14} /> Stop</${Popover}>
  `;
}
