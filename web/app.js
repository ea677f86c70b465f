/** The frame: the bar of places, and the place that the address names. */
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { AnalyticsPlace } from "./analytics/analytics_place.js";
import { ChatPlace } from "./chat/chat_place.js";
import { LiveRegion, Toasts } from "./components/toasts.js";
import { isDrawerOpen } from "./frame/drawer.js";
import { PlacesBar } from "./frame/places.js";
import { OperationsPlace } from "./operations/operations_place.js";
import { route } from "./router.js";
import { titleOf } from "./state/conversation_list.js";
import { openConversation } from "./state/open_conversations.js";

export function App() {
  useDocumentTitle();
  return html`
    <div class="frame">
      <${PlacesBar} />
      ${place()}
    </div>
    ${!isDrawerOpen.value && html`<${Toasts} />`}
    <${LiveRegion} />
  `;
}

function place() {
  switch (route.value.place) {
    case "chat":
      return html`<${ChatPlace} />`;
    case "analytics":
      return html`<${AnalyticsPlace} route=${route.value} />`;
    case "operations":
      return html`<${OperationsPlace} route=${route.value} />`;
    case "unknown":
      return html`
        <main class="place page-message">
          <p>There is nothing at this address.</p>
          <a class="button primary" href="/">Go to the chat</a>
        </main>
      `;
  }
}

function useDocumentTitle() {
  const title = titleNow();
  useEffect(() => {
    document.title = title === null ? "Turnlog" : `${title} · Turnlog`;
  }, [title]);
}

/** @returns {string | null} */
function titleNow() {
  if (route.value.place === "analytics") return "Analytics";
  if (route.value.place === "operations") return "Operations";
  const conversation = openConversation.value;
  const id = conversation?.id.value ?? null;
  return id === null ? null : titleOf(id) ?? conversation?.title.value ?? null;
}
