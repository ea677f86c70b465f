/** Where the turns behind a point of a chart are listed. */
import { analyticsAddress } from "../route.js";
import { filterSearch, narrowings, takes } from "./filter.js";
import { views } from "./view_rows.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { Filter } from "./filter.js"
 *
 * `value`: that of the view's series column; null where it has none.
 * @typedef {{ fromSeconds: number, stepSeconds: number, value: string | null }} Point
 */

/**
 * @param {Pick<AnalyticsView, "chart">} view
 * @returns Whether a view that may be read here lists the turns behind its points.
 */
export function hasTurnsBehind({ chart }) {
  return views.value?.some(({ name }) => name === chart.turns) ?? false;
}

/**
 * @param {Pick<AnalyticsView, "chart">} view
 * @param {Filter} filter
 * @param {Point} point
 * @returns {string | null} Null where no view tells.
 */
export function turnsBehind({ chart }, filter, { fromSeconds, stepSeconds, value }) {
  const list = views.value?.find(({ name }) => name === chart.turns);
  if (list === undefined) return null;
  const narrowed = { ...filter.narrowed };
  const narrowing = narrowings.find((name) => name === chart.series);
  if (narrowing !== undefined && value && takes(list, narrowing)) narrowed[narrowing] = value;
  const fromMs = fromSeconds * 1000;
  const range = { fromMs, toMs: fromMs + stepSeconds * 1000 };
  const search = filterSearch({ range, bucketSeconds: null, refreshSeconds: null, narrowed });
  return analyticsAddress(list.section, list.name, search);
}
