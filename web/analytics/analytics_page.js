/** The analytics: the bar of sections, and the section that the address names. */
import { html } from "htm/preact";
import { Drawer } from "../frame/drawer.js";
import { isPhone } from "../frame/is_phone.js";
import { SectionTabs } from "./section_tabs.js";
import { sections } from "./sections.js";
import { ViewsPage } from "./views_page.js";

/** @import { AnalyticsRoute } from "../route.js" */

/** @param {{ route: AnalyticsRoute }} props */
export function AnalyticsPage({ route }) {
  const section = sections.find(({ name }) => name === route.section);
  const Page = section?.Page ?? ViewsPage;
  return html`
    <main class="place">
      <header class="place-head analytics-head">
        ${isPhone.value && html`<${Drawer} />`}
        <h1 class="place-title">Analytics</h1>
        <${SectionTabs} route=${route} />
      </header>
      ${section === undefined
        ? html`
          <div class="page-message">
            <p>The analytics have no section ${route.section}.</p>
            <a class="button" href="/analytics">Overview</a>
          </div>
        `
        : html`<${Page} key=${section.name} route=${route} />`}
    </main>
  `;
}
