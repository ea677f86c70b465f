/** The section of experiments: all of them, or the one that the address names. */
import { html } from "htm/preact";
import { Icon } from "../../components/icon.js";
import { analyticsAddress } from "../../route.js";
import { ExperimentPage } from "./experiment_page.js";
import { ExperimentList } from "./experiment_list.js";

/** @import { AnalyticsRoute } from "../../route.js" */

/** @param {{ route: AnalyticsRoute }} props */
export function ExperimentsPage({ route: { section, item, search } }) {
  const address = (/** @type {string | null} */ name) => analyticsAddress(section, name, search);
  if (item === null) {
    return html`
      <div class="analytics-scroll">
        <${ExperimentList} addressOf=${address} />
      </div>
    `;
  }
  return html`
    <div class="analytics-scroll">
      <a class="back-link" href=${address(null)}>
        <${Icon} name="chevron-left" /> All experiments
      </a>
      <${ExperimentPage} key=${item} name=${item} />
    </div>
  `;
}
