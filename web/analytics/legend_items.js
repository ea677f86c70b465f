/** What a legend lists: each series; or, where values and measures cross, each value and each measure once. */

/**
 * @import { ChartSeries } from "./chart_data.js"
 *
 * `name`: what its colour goes by; null for a measure of series that each have their own.
 * @typedef {{ key: string, title: string, name: string | null, measure: number }} LegendItem
 */

/**
 * @param {ChartSeries[]} series
 * @returns {LegendItem[]}
 */
export function legendItems(series) {
  const names = new Set(series.map(({ name }) => name));
  const measures = new Map(series.map((one) => [one.measure, one]));
  if (names.size < 2 || measures.size < 2 || series.some(({ value }) => value === null)) {
    return series.map(({ key, title, name, measure }) => ({ key, title, name, measure }));
  }
  const values = [...names].map((name) => ({
    key: nameKey({ name }),
    title: name,
    name,
    measure: 0,
  }));
  const rest = [...measures.values()].sort((a, b) => a.measure - b.measure).map((one) => ({
    key: measureKey(one),
    title: one.measureTitle,
    name: null,
    measure: one.measure,
  }));
  return [...values, ...rest];
}

/**
 * @param {ChartSeries} series
 * @param {ReadonlySet<string>} hidden Keys of items that are switched off.
 */
export function isSwitchedOn(series, hidden) {
  return ![series.key, nameKey(series), measureKey(series)].some((key) => hidden.has(key));
}

/** @param {{ name: string }} series */
function nameKey({ name }) {
  return `value ${name}`;
}

/** @param {{ measure: number }} series */
function measureKey({ measure }) {
  return `measure ${measure}`;
}
