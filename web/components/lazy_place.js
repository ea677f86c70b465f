/** A place of the app whose page is fetched when it is first opened, so that the others start without it. */
import { html } from "htm/preact";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { messageOf } from "../api.js";

/** @import { ComponentType } from "preact" */

/**
 * @template Route
 * @param {string} name What could not be loaded, in the message that says so.
 * @param {() => Promise<ComponentType<{ route: Route }>>} fetchPage
 * @returns {(props: { route: Route }) => ReturnType<typeof html>}
 */
export function lazyPlace(name, fetchPage) {
  const page = signal(/** @type {{ Page: ComponentType<{ route: Route }> } | null} */ (null));
  const error = signal(/** @type {string | null} */ (null));

  async function load() {
    try {
      page.value = { Page: await fetchPage() };
    } catch (cause) {
      error.value = messageOf(cause);
    }
  }

  return ({ route }) => {
    useEffect(() => {
      if (page.value === null) load();
    }, []);
    if (page.value !== null) return html`<${page.value.Page} route=${route} />`;
    return html`
      <main class="place">
        ${error.value !== null && html`
          <div class="page-message" role="alert">
            <p>${name} could not be loaded. ${error.value}</p>
            <button type="button" class="button" onClick=${load}>Try again</button>
          </div>
        `}
      </main>
    `;
  };
}
