/** What the dashboard is narrowed to, as the address has it, and what the views are asked for by it. */
import {
  bucketChoices,
  parseRange,
  periodOf,
  presetOf,
  rangeSearch,
  refreshChoices,
} from "./time_range.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { Period, TimeRange } from "./time_range.js"
 *
 * `bucketSeconds` and `refreshSeconds` are null where nothing is chosen: they follow from the range then. A narrowing
 * holds the names of parameters of views that are chosen from a list, such as `model`.
 *
 * @typedef {object} Filter
 * @property {TimeRange} range
 * @property {number | null} bucketSeconds
 * @property {number | null} refreshSeconds 0 for never.
 * @property {Partial<Record<Narrowing, string>>} narrowed
 *
 * @typedef {typeof narrowings[number]} Narrowing
 */

/** Parameters of views that take one of several names; a view without one of them shows all. */
export const narrowings = /** @type {const} */ ([
  "model",
  "experiment",
  "variant",
  "error_class",
]);

/** @param {URLSearchParams} search */
export function parseFilter(search) {
  const range = parseRange(search);
  const bucketSeconds = Number(search.get("bucket"));
  const refreshSeconds = search.get("refresh");
  /** @type {Filter} */
  const filter = {
    range,
    bucketSeconds: bucketChoices(range).includes(bucketSeconds) ? bucketSeconds : null,
    refreshSeconds: refreshChoices.find((choice) => `${choice}` === refreshSeconds) ?? null,
    narrowed: {},
  };
  for (const name of narrowings) {
    const value = search.get(name);
    if (value) filter.narrowed[name] = value;
  }
  return filter;
}

/**
 * @param {Filter} filter
 * @returns {URLSearchParams} The address's search that {@linkcode parseFilter} understands.
 */
export function filterSearch({ range, bucketSeconds, refreshSeconds, narrowed }) {
  const search = rangeSearch(range);
  if (bucketSeconds !== null) search.set("bucket", `${bucketSeconds}`);
  if (refreshSeconds !== null) search.set("refresh", `${refreshSeconds}`);
  for (const name of narrowings) {
    const value = narrowed[name];
    if (value !== undefined) search.set(name, value);
  }
  return search;
}

/** @param {Filter} filter @returns {number} How often it is fetched anew, in seconds; 0 for never. */
export function refreshSecondsOf({ range, refreshSeconds }) {
  return refreshSeconds ?? presetOf(range)?.refreshSeconds ?? 0;
}

/**
 * What views are asked for: the filter at a moment.
 *
 * @typedef {Period & { narrowed: Filter["narrowed"] }} Question
 */

/**
 * @param {Filter} filter
 * @param {number} nowMs
 * @returns {Question}
 */
export function questionOf({ range, bucketSeconds, narrowed }, nowMs) {
  return { ...periodOf(range, nowMs, bucketSeconds), narrowed };
}

/**
 * @param {Pick<AnalyticsView, "parameters">} view
 * @param {Question} question
 * @returns {URLSearchParams} Those of its parameters that the view has.
 */
export function parametersOf(view, { fromMs, toMs, bucketSeconds, narrowed }) {
  /** @type {Record<string, string>} */
  const known = {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    bucket: `${bucketSeconds}`,
    ...narrowed,
  };
  const names = view.parameters.map(({ name }) => name).filter((name) => name in known);
  return new URLSearchParams(names.map((name) => [name, known[name]]));
}

/**
 * @param {Pick<AnalyticsView, "parameters">} view
 * @param {string} parameter
 */
export function takes(view, parameter) {
  return view.parameters.some(({ name }) => name === parameter);
}
