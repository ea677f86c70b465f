/** Fetches the dashboard when it is first opened: a person who only chats loads no chart library. */
import { html } from "htm/preact";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { messageOf } from "../api.js";

/** @import { AnalyticsRoute } from "../route.js" */

const page = signal(
  /** @type {typeof import("./analytics_page.js").AnalyticsPage | null} */ (null),
);
const error = signal(/** @type {string | null} */ (null));

/** @param {{ route: AnalyticsRoute }} props */
export function AnalyticsPlace({ route }) {
  useEffect(() => {
    if (page.value === null) load();
  }, []);
  if (page.value !== null) return html`<${page.value} route=${route} />`;
  return html`
    <main class="place">
      ${error.value !== null && html`
        <div class="page-message" role="alert">
          <p>The dashboard could not be loaded. ${error.value}</p>
          <button type="button" class="button" onClick=${load}>Try again</button>
        </div>
      `}
    </main>
  `;
}

async function load() {
  try {
    const { AnalyticsPage } = await import("./analytics_page.js");
    page.value = AnalyticsPage;
  } catch (cause) {
    error.value = messageOf(cause);
  }
}
