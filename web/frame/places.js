/** The bar of places: beside the page where there is room, and in the drawer on a phone. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { route } from "../router.js";
import { ConsentMenu } from "./consent_menu.js";
import { ThemeMenu } from "./theme_menu.js";

const places = [
  { place: "chat", title: "Chat", icon: "message-square", href: "/" },
  { place: "analytics", title: "Analytics", icon: "chart-column", href: "/analytics" },
  { place: "operations", title: "Operations", icon: "activity", href: "/operations" },
];

export function PlacesBar() {
  return html`
    <header class="places-bar">
      <a class="brand" href="/" aria-label="Turnlog" title="Turnlog">
        <img src="/web/icon.svg" alt="" width="28" height="28" />
      </a>
      <${PlaceLinks} />
      <div class="bar-foot">
        <${ConsentMenu} />
        <${ThemeMenu} />
      </div>
    </header>
  `;
}

export function PlaceLinks() {
  return html`
    <nav class="place-links" aria-label="Places">
      ${places.map(({ place, title, icon, href }) =>
        html`
          <a
            key=${place}
            class="place-link"
            href=${href}
            aria-current=${route.value.place === place ? "page" : undefined}
          ><${Icon} name=${icon} size=${20} /><span>${title}</span></a>
        `
      )}
    </nav>
  `;
}
