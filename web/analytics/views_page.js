/** A section that shows views: all of them as charts in a grid, or one alone, for the filter that the address names. */
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { analyticsAddress } from "../route.js";
import { navigate } from "../router.js";
import { ChartCard } from "./chart_card.js";
import { filterSearch, parseFilter } from "./filter.js";
import { FilterBar } from "./filter_bar.js";
import { KeyFigures } from "./key_figures.js";
import { useRows } from "./use_rows.js";
import { loadViews, rowsOf, views } from "./view_rows.js";
import { ViewsState } from "./views_state.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { AnalyticsRoute } from "../route.js"
 * @import { Filter } from "./filter.js"
 */

/** @param {{ route: AnalyticsRoute }} props */
export function ViewsPage({ route }) {
  const { section, item, search } = route;
  const filter = parseFilter(search);
  const ofSection = (views.value ?? []).filter((view) => view.section === section);
  const shown = item === null ? ofSection : ofSection.filter(({ name }) => name === item);
  // At each visit: whoever has signed in as an operator meanwhile may read more of them.
  useEffect(() => {
    loadViews();
  }, []);
  const error = commonError(shown);
  const refresh = useRows(shown, filter);

  /** @param {Filter} next */
  function choose(next) {
    navigate(analyticsAddress(section, item, filterSearch(next)));
  }

  return html`
    <${FilterBar} filter=${filter} views=${ofSection} onFilter=${choose} onRefresh=${refresh} />
    <div class="analytics-scroll">
      ${item !== null && html`
        <a class="back-link" href=${analyticsAddress(section, null, filterSearch(filter))}>
          <${Icon} name="chevron-left" /> All of this section
        </a>
      `}
      <${ViewsState} route=${route} shown=${shown} error=${error} onRetry=${refresh} />
      ${item === null && html`<${KeyFigures} views=${shown.filter(isFigures)} />`}
      <div key=${item} class=${item === null ? "chart-grid" : "chart-alone"}>
        ${shown.filter((view) => item !== null || !isFigures(view)).map((view) =>
          html`
            <${ChartCard}
              key=${view.name}
              view=${view}
              filter=${filter}
              isAlone=${item !== null}
              onZoom=${(/** @type {number} */ fromMs, /** @type {number} */ toMs) =>
                choose({
                  ...filter,
                  range: { fromMs, toMs },
                  bucketSeconds: null,
                  refreshSeconds: null,
                })}
              toldError=${error}
              onRetry=${refresh}
            />
          `
        )}
      </div>
    </div>
  `;
}

/**
 * @param {AnalyticsView[]} shown
 * @returns {string | null} An error that several views have: it is told once.
 */
function commonError(shown) {
  const errors = shown.flatMap((view) => rowsOf(view).error.value ?? []);
  return errors.find((error, index) => errors.indexOf(error) !== index) ?? null;
}

/** @param {AnalyticsView} view */
function isFigures({ chart }) {
  return chart.type === "figures";
}
