/** What there is to say of a section of views as a whole: that it loads, failed, or has nothing to show. */
import { html } from "htm/preact";
import { useSlow } from "../components/use_slow.js";
import { analyticsAddress } from "../route.js";
import { loadViews, rowsOf, views, viewsError } from "./view_rows.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { AnalyticsRoute } from "../route.js"
 */

/**
 * @param {object} props
 * @param {AnalyticsRoute} props.route
 * @param {AnalyticsView[]} props.shown
 * @param {string | null} props.error One that several of the views have.
 * @param {() => void} props.onRetry
 */
export function ViewsState({ route, shown, error, onRetry }) {
  const { section, item, search } = route;
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
        <p>
          ${item === null
            ? "There are no views here yet."
            : `There is no view ${item} here, or it is for operators: sign in at Operations.`}
        </p>
        ${item !== null && html`
          <a class="button" href=${analyticsAddress(section, null, search)}>All of this section</a>
        `}
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
  if (item !== null || !shown.every(isEmpty)) return null;
  return html`
    <p class="analytics-empty">
      Nothing happened in this time. <a href="/">Send a message</a>, and it is counted here seconds later.
    </p>
  `;
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
  return view.chart.type === "figures" || shown.result.rows.length === 0 ||
    (shown.data?.isEmpty ?? false);
}

function GridSkeleton() {
  return html`
    <div class="chart-grid" role="status" aria-label="Loading the views">
      ${[1, 2, 3, 4].map((key) => html`<div key=${key} class="skeleton chart-skeleton"></div>`)}
    </div>
  `;
}
