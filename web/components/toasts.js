/** What happened elsewhere, for a while; and the live region, which says aside what the eye sees. */
import { html } from "htm/preact";
import { announcement, hideToast, toasts } from "../state/announcements.js";
import { Icon } from "./icon.js";

export function Toasts() {
  return html`
    <div class="toasts" role="region" aria-label="Notifications" aria-live="polite">
      ${toasts.value.map(({ id, text, action }) =>
        html`
          <div class="toast" key=${id}>
            <span class="toast-text">${text}</span>
            ${action && html`
              <button
                type="button"
                class="link-button"
                onClick=${() => {
                  hideToast(id);
                  action.act();
                }}
              >${action.label}</button>
            `}
            <button
              type="button"
              class="icon-button small"
              aria-label="Dismiss"
              onClick=${() => hideToast(id)}
            ><${Icon} name="x" size=${14} /></button>
          </div>
        `
      )}
    </div>
  `;
}

export function LiveRegion() {
  return html`<div class="visually-hidden" role="status" aria-live="polite">${announcement.value}</div>`;
}
