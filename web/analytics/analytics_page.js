/** The dashboard: every view as a chart, all in a grid or one alone, for a range of time that the address names. */
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { useSlow } from "../components/use_slow.js";
import { Drawer } from "../frame/drawer.js";
import { isPhone } from "../frame/is_phone.js";
import { analyticsAddress } from "../route.js";
import { navigate } from "../router.js";
import { ChartCard } from "./chart_card.js";
import { FilterBar } from "./filter_bar.js";
import { KeyFigures } from "./key_figures.js";
import { parseRange, parseRefresh, periodOf, rangeSearch } from "./time_range.js";
import { chartData } from "./chart_data.js";
import { loadViews, rowsOf, views, viewsError } from "./view_rows.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { AnalyticsRoute } from "../route.js"
 * @import { TimeRange } from "./time_range.js"
 */

/** @param {{ route: AnalyticsRoute }} props */
export function AnalyticsPage({ route }) {
  const { view: name, search } = route;
  const range = parseRange(search);
  const refreshSeconds = parseRefresh(search, range);
  const all = views.value ?? [];
  const shown = name === null ? all : all.filter((view) => view.name === name);
  useEffect(() => {
    loadViews();
  }, []);
  const error = commonError(shown);
  const refresh = useRows(shown, range, refreshSeconds);

  /** @param {TimeRange} next */
  function choose(next) {
    navigate(analyticsAddress(name, rangeSearch(next, null)));
  }
  /** @param {number} seconds */
  function chooseRefresh(seconds) {
    navigate(analyticsAddress(name, rangeSearch(range, seconds)), { replace: true });
  }

  return html`
    <main class="place">
      <header class="place-head analytics-head">
        ${isPhone.value && html`<${Drawer} />`}
        <h1 class="place-title">
          ${name === null
            ? "Analytics"
            : html`<a href=${analyticsAddress(null, search)}>Analytics</a> / ${
              shown[0]?.title ?? name
            }`}
        </h1>
      </header>
      <${FilterBar}
        range=${range}
        refreshSeconds=${refreshSeconds}
        onRange=${choose}
        onRefreshSeconds=${chooseRefresh}
        onRefresh=${refresh}
      />
      <div class="analytics-scroll">
        <${PageState} name=${name} shown=${shown} error=${error} onRetry=${refresh} />
        ${name === null && html`<${KeyFigures} views=${shown} search=${search} />`}
        <div key=${name} class=${name === null ? "chart-grid" : "chart-alone"}>
          ${shown.map((view) =>
            html`
              <${ChartCard}
                key=${view.name}
                view=${view}
                search=${search}
                isAlone=${name !== null}
                onZoom=${(/** @type {number} */ fromMs, /** @type {number} */ toMs) =>
                  choose({ fromMs, toMs })}
                onRetry=${error === null ? refresh : null}
              />
            `
          )}
        </div>
      </div>
    </main>
  `;
}

/**
 * What there is to say of the page as a whole.
 *
 * @param {object} props
 * @param {string | null} props.name
 * @param {AnalyticsView[]} props.shown
 * @param {string | null} props.error Why none of the views has new rows.
 * @param {() => void} props.onRetry
 */
function PageState({ name, shown, error, onRetry }) {
  const isWaiting = views.value === null ? viewsError.value === null : shown.some(isFirstAwaited);
  const isSlow = useSlow(isWaiting);
  if (viewsError.value !== null && views.value === null) {
    return html`
      <div class="page-message" role="alert">
        <p>The views could not be loaded. ${viewsError.value}</p>
        <button type="button" class="button" onClick=${loadViews}>Try again</button>
      </div>
    `;
  }
  const slowNotice = html`
    <p class="analytics-empty" role="status">Waiting for ClickHouse: it has not answered yet.</p>
  `;
  if (views.value === null) return html`${isSlow && slowNotice}<${GridSkeleton} />`;
  if (shown.length === 0) {
    return html`
      <div class="page-message">
        <p>${name === null ? "There are no views yet." : `There is no view ${name}.`}</p>
        ${name !== null && html`<a class="button" href="/analytics">All views</a>`}
      </div>
    `;
  }
  if (error !== null) {
    return html`
      <p class="problem analytics-problem" role="alert">
        ${error} <button type="button" class="link-button" onClick=${onRetry}>Try again</button>
      </p>
    `;
  }
  if (isSlow) return slowNotice;
  if (name !== null || !shown.every(isEmpty)) return null;
  return html`
    <p class="analytics-empty">
      Nothing happened in this time. <a href="/">Send a message</a>, and it is counted here seconds later.
    </p>
  `;
}

/**
 * @param {AnalyticsView[]} shown
 * @returns {string | null} The error of several views that all have the same: it is told once.
 */
function commonError(shown) {
  const errors = new Set(shown.map((view) => rowsOf(view).error.value));
  return shown.length > 1 && errors.size === 1 ? [...errors][0] : null;
}

/** @param {AnalyticsView} view */
function isFirstAwaited(view) {
  const { shown, error } = rowsOf(view);
  return shown.value === null && error.value === null;
}

/** @param {AnalyticsView} view */
function isEmpty(view) {
  const shown = rowsOf(view).shown.value;
  if (shown === null) return false;
  return shown.result.rows.length === 0 || chartData(view, shown.result.rows, shown.period).isEmpty;
}

function GridSkeleton() {
  return html`
    <div class="chart-grid" role="status" aria-label="Loading the views">
      ${[1, 2, 3, 4].map((key) => html`<div key=${key} class="skeleton chart-skeleton"></div>`)}
    </div>
  `;
}

/**
 * Fetches the rows of the shown views when the range changes, and again and again while the page is looked at.
 *
 * @param {AnalyticsView[]} shown
 * @param {TimeRange} range
 * @param {number} refreshSeconds 0 for never.
 * @returns {() => void} Fetches them at once.
 */
function useRows(shown, range, refreshSeconds) {
  const names = shown.map(({ name }) => name).join();
  const chosen = JSON.stringify(range);
  function load() {
    const period = periodOf(range, Date.now());
    for (const view of shown) rowsOf(view).load(view, period);
  }
  function loadAgain() {
    const period = periodOf(range, Date.now());
    // A request that is under way goes on: one that always begins anew never tells that there is no answer.
    for (const view of shown) if (!rowsOf(view).isLoading) rowsOf(view).load(view, period);
  }
  useEffect(load, [names, chosen]);
  useEffect(() => {
    if (refreshSeconds === 0) return;
    const timer = setInterval(() => {
      if (!document.hidden) loadAgain();
    }, refreshSeconds * 1000);
    return () => clearInterval(timer);
  }, [names, chosen, refreshSeconds]);
  return load;
}
