/** Fetches the page of the operators when it is first opened. */
import { html } from "htm/preact";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { messageOf } from "../api.js";

/** @import { OperationsRoute } from "../route.js" */

const page = signal(
  /** @type {typeof import("./operations_page.js").OperationsPage | null} */ (null),
);
const error = signal(/** @type {string | null} */ (null));

/** @param {{ route: OperationsRoute }} props */
export function OperationsPlace({ route }) {
  useEffect(() => {
    if (page.value === null) load();
  }, []);
  if (page.value !== null) return html`<${page.value} route=${route} />`;
  return html`
    <main class="place">
      ${error.value !== null && html`
        <div class="page-message" role="alert">
          <p>The page could not be loaded. ${error.value}</p>
          <button type="button" class="button" onClick=${load}>Try again</button>
        </div>
      `}
    </main>
  `;
}

async function load() {
  try {
    const { OperationsPage } = await import("./operations_page.js");
    page.value = OperationsPage;
  } catch (cause) {
    error.value = messageOf(cause);
  }
}
