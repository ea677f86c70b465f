/** Makes the rows of a view into the series of its chart, by the view's definition alone. */

/**
 * @import { AnalyticsRows, AnalyticsView, ChartUnit } from "../../events/contract/api.ts"
 * @import { Period } from "./time_range.js"
 */

/**
 * @typedef {object} ChartSeries
 * @property {string} key
 * @property {string} title
 * @property {string} name What its colour goes by: the same name has the same colour in every chart.
 * @property {string | null} value What the view's series column holds; null where it has none.
 * @property {string} measureTitle
 * @property {number} measure Which of the view's `y` it is, from 0.
 * @property {ChartUnit} unit
 * @property {(number | null)[]} values One for each time; null where there is none.
 *
 * @typedef {object} ChartData
 * @property {number[]} times Beginnings of buckets, in seconds since 1970, rising.
 * @property {number} stepSeconds The length of a bucket.
 * @property {boolean} isDaily Whether buckets are whole days of UTC.
 * @property {ChartSeries[]} series
 * @property {number} leftOut How many smaller ones are not drawn.
 * @property {boolean} isEmpty Whether there is nothing to draw.
 */

/** Series that are drawn at most: those of the largest names, each with all its measures. The table has all. */
const seriesMax = 12;
const daySeconds = 86_400;

/**
 * @param {Pick<AnalyticsView, "chart" | "parameters">} view
 * @param {AnalyticsRows["rows"]} rows
 * @param {Period} period
 * @returns {ChartData}
 */
export function chartData({ chart, parameters }, rows, period) {
  const hasBuckets = parameters.some(({ name }) => name === "bucket");
  const found = rows.map((row) => timeOf(row[chart.x]));
  const times = timesOf(found, period, hasBuckets);
  const places = new Map(times.map((time, index) => [time, index]));
  const missing = chart.type === "line" ? null : 0;
  /** @type {Map<string, ChartSeries>} */
  const series = new Map();
  rows.forEach((row, index) => {
    const place = places.get(found[index]);
    if (place === undefined) return;
    chart.y.forEach(({ column, title, unit = chart.unit }, measure) => {
      const value = chart.series === undefined ? null : String(row[chart.series] ?? "");
      const shown = value === null ? null : value || "none";
      const key = value === null ? column : `${value}\n${column}`;
      const one = series.get(key) ?? {
        key,
        title: shown === null ? title : chart.y.length === 1 ? shown : `${shown} · ${title}`,
        name: shown ?? title,
        value,
        measureTitle: title,
        measure,
        unit,
        values: times.map(() => missing),
      };
      one.values[place] = numberOf(row[column]) ?? missing;
      series.set(key, one);
    });
  });
  const isNothing = (/** @type {number | null} */ value) =>
    value === null || chart.type !== "line" && value === 0;
  // That nothing failed is worth seeing, that one of many models was idle is not.
  const worthy = [...series.values()].filter(({ values }) =>
    chart.series === undefined || !values.every(isNothing)
  );
  const { drawn, leftOut } = largest(worthy);
  // The order does not depend on which row comes first: it stays from one refresh to the next.
  if (chart.series !== undefined) drawn.sort(byName);
  const stepSeconds = hasBuckets ? period.bucketSeconds : smallestStep(times, period);
  return {
    times,
    stepSeconds,
    isDaily: times.every((time) => time % daySeconds === 0) && stepSeconds % daySeconds === 0,
    series: drawn,
    leftOut,
    isEmpty: worthy.every(({ values }) => values.every(isNothing)),
  };
}

/**
 * @param {unknown} value A number that may be written as text, as ClickHouse does with 64 bits.
 * @returns {number | null}
 */
export function numberOf(value) {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/**
 * @param {unknown} value ISO 8601, or as ClickHouse writes it (`2026-11-23 12:00:00`, in UTC), or a date.
 * @returns {number} Seconds since 1970; NaN where it is no time.
 */
export function timeOf(value) {
  const text = String(value).replace(" ", "T");
  const isZoned = /(Z|[+-]\d\d:?\d\d)$/.test(text) || /^\d{4}-\d\d-\d\d$/.test(text);
  return Date.parse(isZoned ? text : `${text}Z`) / 1000;
}

/**
 * @param {number[]} found
 * @param {Period} period
 * @param {boolean} hasBuckets Whether the view's times are the beginnings of the period's buckets.
 */
function timesOf(found, { fromMs, toMs, bucketSeconds }, hasBuckets) {
  const times = new Set(found.filter(Number.isFinite));
  if (hasBuckets) {
    const first = Math.floor(fromMs / 1000 / bucketSeconds) * bucketSeconds;
    for (let time = first; time * 1000 < toMs; time += bucketSeconds) times.add(time);
  }
  return [...times].sort((a, b) => a - b);
}

/**
 * @param {number[]} times
 * @param {Period} period
 */
function smallestStep(times, { fromMs, toMs }) {
  const steps = times.slice(1).map((time, index) => time - times[index]);
  if (steps.length > 0) return Math.min(...steps);
  return times.every((time) => time % daySeconds === 0) ? daySeconds : (toMs - fromMs) / 1000;
}

/**
 * @param {ChartSeries} a
 * @param {ChartSeries} b
 */
function byName(a, b) {
  return a.name.localeCompare(b.name, "en", { numeric: true }) || a.measure - b.measure;
}

/**
 * @param {ChartSeries[]} series
 * @returns {{ drawn: ChartSeries[], leftOut: number }}
 */
function largest(series) {
  if (series.length <= seriesMax) return { drawn: [...series], leftOut: 0 };
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const one of series) sizes.set(one.name, (sizes.get(one.name) ?? 0) + sizeOf(one));
  const measures = new Set(series.map(({ measure }) => measure)).size;
  const namesMax = Math.max(1, Math.floor(seriesMax / measures));
  const names = [...sizes].sort(([, a], [, b]) => b - a).slice(0, namesMax).map(([name]) => name);
  return {
    drawn: series.filter(({ name }) => names.includes(name)),
    leftOut: sizes.size - names.length,
  };
}

/** @param {ChartSeries} series */
function sizeOf({ values }) {
  return values.reduce((/** @type {number} */ sum, value) => sum + Math.abs(value ?? 0), 0);
}
