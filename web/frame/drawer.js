/**
 * The drawer of a phone: places and, in the chat, the conversations; a dialog that keeps and returns the focus. While it
 * is open nothing outside of it can be reached, so that it has the toasts then.
 */
import { html } from "htm/preact";
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { Toasts } from "../components/toasts.js";
import { route } from "../router.js";
import { ConsentMenu } from "./consent_menu.js";
import { PlaceLinks } from "./places.js";
import { ThemeMenu } from "./theme_menu.js";

export const isDrawerOpen = signal(false);

/** @param {{ children?: unknown }} props What stands beneath the places. */
export function Drawer({ children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const here = route.value;
  // What was chosen in the drawer is on the screen then.
  useEffect(() => dialog.current?.close(), [here]);
  return html`
    <button
      type="button"
      class="icon-button"
      aria-label="Open the menu"
      aria-haspopup="dialog"
      onClick=${() => {
        dialog.current?.showModal();
        isDrawerOpen.value = true;
      }}
    ><${Icon} name="menu" size=${20} /></button>
    <dialog
      ref=${dialog}
      class="drawer"
      aria-label="Menu"
      onClose=${() => isDrawerOpen.value = false}
      onClick=${(/** @type {MouseEvent} */ event) => {
        // A click beside the drawer hits the dialog itself.
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="drawer-content">
        <div class="drawer-head">
          <${PlaceLinks} />
          <button
            type="button"
            class="icon-button"
            aria-label="Close the menu"
            onClick=${() => dialog.current?.close()}
          ><${Icon} name="x" size=${20} /></button>
        </div>
        <div class="drawer-body">${children}</div>
        <div class="drawer-foot">
          <${ConsentMenu} />
          <${ThemeMenu} />
        </div>
        ${isDrawerOpen.value && html`<${Toasts} />`}
      </div>
    </dialog>
  `;
}
