/** The rows of the dashboard's views: fetched for a period, kept on the screen until the next ones have come. */
import { batch, signal } from "@preact/signals";
import { getRows, listViews, messageOf } from "../api.js";
import { chartData } from "./chart_data.js";
import { parametersOf } from "./filter.js";

/**
 * @import { AnalyticsRows, AnalyticsView } from "../../events/contract/api.ts"
 * @import { ChartData } from "./chart_data.js"
 * @import { Question } from "./filter.js"
 *
 * `period`: what they were asked for. `data`: what is drawn of them; null where nothing is.
 * @typedef {{ result: AnalyticsRows, period: Question, data: ChartData | null }} Shown
 */

/** The views, as the server defines them; null until they are known. */
export const views = signal(/** @type {AnalyticsView[] | null} */ (null));
export const viewsError = signal(/** @type {string | null} */ (null));

export async function loadViews() {
  try {
    views.value = await listViews();
    viewsError.value = null;
  } catch (error) {
    viewsError.value = messageOf(error);
  }
}

class ViewRows {
  /** The rows on the screen, and the period that they are of; null until the first have come. */
  shown = signal(/** @type {Shown | null} */ (null));
  error = signal(/** @type {string | null} */ (null));
  /** Whether rows are on their way. */
  isLoading = false;

  #fetching = new AbortController();

  /**
   * @param {AnalyticsView} view
   * @param {Question} period
   */
  async load(view, period) {
    this.#fetching.abort();
    const fetching = new AbortController();
    this.#fetching = fetching;
    this.isLoading = true;
    try {
      const result = await getRows(view.name, parametersOf(view, period), fetching.signal);
      batch(() => {
        const data = isDrawn(view) ? chartData(view, result.rows, period) : null;
        this.shown.value = { result, period, data };
        this.error.value = null;
      });
    } catch (error) {
      if (!fetching.signal.aborted) this.error.value = messageOf(error);
    }
    if (this.#fetching === fetching) this.isLoading = false;
  }
}

/** @param {AnalyticsView} view Whether it is a chart, and not a table or figures alone. */
export function isDrawn({ chart }) {
  return chart.type !== "table" && chart.type !== "figures";
}

/** @type {Map<string, ViewRows>} By the view's name; there are as many as views. */
const rowsByView = new Map();

/** @param {AnalyticsView} view */
export function rowsOf({ name }) {
  const rows = rowsByView.get(name) ?? new ViewRows();
  rowsByView.set(name, rows);
  return rows;
}
