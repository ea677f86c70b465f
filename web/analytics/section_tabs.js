/** The bar of sections: links that keep the filter. Where it is wider than the window it is swiped, as on a phone. */
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { analyticsAddress } from "../route.js";
import { filterSearch, parseFilter } from "./filter.js";
import { sections } from "./sections.js";

/** @import { AnalyticsRoute } from "../route.js" */

/** @param {{ route: AnalyticsRoute }} props */
export function SectionTabs({ route }) {
  const nav = useRef(/** @type {HTMLElement | null} */ (null));
  const filter = filterSearch(parseFilter(route.search));
  useEffect(() => {
    const link = nav.current?.querySelector("[aria-current]");
    link?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [route.section]);
  return html`
    <nav ref=${nav} class="section-tabs" aria-label="Sections">
      ${sections.map(({ name, title }) =>
        html`
          <a
            key=${name}
            class="section-tab"
            href=${analyticsAddress(name, null, filter)}
            aria-current=${name === route.section ? "page" : undefined}
          >${title}</a>
        `
      )}
    </nav>
  `;
}
