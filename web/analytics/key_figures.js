/** The sums that the views themselves give, each with the change against the period before. */
import { html } from "htm/preact";
import { analyticsAddress } from "../route.js";
import { totalsOf } from "./chart_data.js";
import { formatShort, formatValue } from "./units.js";
import { addsUp, rowsOf } from "./view_rows.js";

/**
 * @import { AnalyticsView, Chart } from "../../events/contract/api.ts"
 */

/** @param {{ views: AnalyticsView[], search: URLSearchParams }} props */
export function KeyFigures({ views, search }) {
  const figures = views.filter(addsUp).flatMap(figuresOf);
  if (figures.length === 0) return null;
  return html`
    <ul class="key-figures" aria-label="Key figures">
      ${figures.map(({ key, view, title, total, before, isFailed }) =>
        html`
          <li key=${key}>
            <a class="key-figure" href=${analyticsAddress(
              view.section,
              view.name,
              search,
            )} title=${view
              .description}>
              <span class="key-figure-title">${title}</span>
              <span class="key-figure-value tabular" title=${formatValue(total, view.chart.unit)}>
                ${total !== null
                  ? formatShort(total, view.chart.unit)
                  : isFailed
                  ? "–"
                  : html`<span class="skeleton key-figure-skeleton"></span>`}
              </span>
              <span class="key-figure-change tabular">${changeOf(
                total,
                before,
                view.chart.unit,
              )}</span>
            </a>
          </li>
        `
      )}
    </ul>
  `;
}

/** @param {AnalyticsView} view */
function figuresOf(view) {
  const { shown, error, totalsBefore } = rowsOf(view);
  const totals = shown.value === null ? null : totalsOf(view, shown.value.result.rows);
  return view.chart.y.map(({ column, title }, index) => ({
    key: `${view.name} ${column}`,
    view,
    title: view.chart.unit === "tokens" ? `${title} tokens` : title,
    total: totals?.[index] ?? null,
    isFailed: error.value !== null,
    before: totalsBefore.value?.[index] ?? null,
  }));
}

/**
 * @param {number | null} total
 * @param {number | null} before
 * @param {Chart["unit"]} unit
 */
function changeOf(total, before, unit) {
  if (total === null || before === null) return " ";
  if (before === 0) return total === 0 ? "as before" : "none before";
  const percent = Math.round((total / before - 1) * 100);
  const change = percent === 0 ? "±0%" : percent > 0 ? `+${percent}%` : `−${-percent}%`;
  return html`<span title=${`${formatValue(before, unit)} in the period before`}>${change}</span>`;
}
