/** A chart of a view as uPlot takes it: data, scales, axes and series. */
import uPlot from "uplot";
import { barPaths } from "./bar_paths.js";
import { isSwitchedOn } from "./legend_items.js";
import { addMarker, dashOf, patternOf } from "./series_marks.js";
import { styleOf } from "./series_style.js";
import { colorOf } from "./theme_colors.js";
import { formatTimeTick } from "./time_ticks.js";
import { formatTick } from "./units.js";

/**
 * @import { Chart } from "../../events/contract/api.ts"
 * @import { ChartData, ChartSeries } from "./chart_data.js"
 * @import { Period } from "./time_range.js"
 *
 * What a chart is drawn from. `hidden`: the keys of what the legend has switched off.
 * @typedef {{ chart: Chart, data: ChartData, period: Period, hidden: ReadonlySet<string> }} Drawing
 */

/** Charts with this key move their cursors together. */
const cursorGroup = "analytics";
const markerSizePx = 7;
/** Between two markers of a line, in CSS pixels; single points have theirs anyway. */
const markerSpacePx = 72;

/**
 * The series that are drawn, in the order of uPlot's; stacked ones with their sums.
 *
 * @param {Drawing} drawing
 * @returns {{ series: ChartSeries, tops: (number | null)[], bases: (number | null)[] | null }[]}
 */
export function layersOf({ chart, data, hidden }) {
  const shown = data.series.filter((series) => isSwitchedOn(series, hidden));
  if (chart.type !== "stacked-bars") {
    return shown.map((series) => ({ series, tops: series.values, bases: null }));
  }
  let bases = data.times.map(() => 0);
  return shown.map((series) => {
    const below = bases;
    bases = series.values.map((value, index) => below[index] + (value ?? 0));
    return { series, tops: bases, bases: below };
  });
}

/**
 * @param {Drawing} drawing
 * @returns {uPlot.AlignedData}
 */
export function plotData(drawing) {
  return [drawing.data.times, ...layersOf(drawing).map(({ tops }) => tops)];
}

/**
 * @param {() => Drawing} drawingNow Asked at each drawing, since the numbers change while the plot stays.
 * @param {object} place
 * @param {HTMLElement} place.element Where the chart stands, for its colours.
 * @param {number} place.width In CSS pixels.
 * @param {number} place.height In CSS pixels.
 * @param {(plot: uPlot) => void} place.onCursor The cursor has moved.
 * @param {(fromSeconds: number, toSeconds: number) => void} place.onSelect A range that was dragged.
 * @returns {uPlot.Options}
 */
export function plotOptions(drawingNow, { element, width, height, onCursor, onSelect }) {
  const { chart, data } = drawingNow();
  const ground = colorOf(element, "--surface-raised");
  const axis = {
    stroke: colorOf(element, "--text-muted"),
    grid: { stroke: colorOf(element, "--line"), width: 1 },
    ticks: { show: false },
    font: `11px ${getComputedStyle(element).fontFamily}`,
  };
  const layers = layersOf(drawingNow());
  return {
    width,
    height,
    padding: [12, 20, 0, 0],
    legend: { show: false },
    ...(data.isDaily && { tzDate: (time) => uPlot.tzDate(new Date(time * 1000), "Etc/UTC") }),
    scales: {
      x: { time: true, range: () => xRange(drawingNow()) },
      y: { range: (_, _low, high) => [0, high > 0 ? high * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        space: 64,
        gap: 4,
        size: 28,
        ...(data.isDaily && { incrs: dayIncrements }),
        values: (_, ticks, _axis, _space, step) =>
          ticks.map((tick) => formatTimeTick(tick, step, data.isDaily)),
      },
      {
        ...axis,
        size: 60,
        gap: 6,
        space: 36,
        ...(["count", "tokens"].includes(chart.unit) && { incrs: wholeSteps }),
        ...(chart.unit === "ms" && { incrs: durationSteps }),
        ...(chart.unit === "bytes" && { incrs: sizeSteps }),
        values: (_, ticks) => ticks.map((tick) => formatTick(tick, chart.unit)),
      },
    ],
    series: [
      {},
      ...layers.map((layer, index) => {
        const { color, shape } = styleOf(layer.series.name);
        const stroke = colorOf(element, color);
        if (chart.type === "line") return lineSeries(layer.series.measure, stroke, shape);
        const count = chart.type === "bars" ? layers.length : 1;
        const place = { stepSeconds: data.stepSeconds, index: count === 1 ? 0 : index, count };
        return {
          fill: patternOf(shape, stroke, ground, devicePixelRatio),
          alpha: layer.series.measure === 0 ? 1 : 0.65,
          paths: barPaths({ ...place, basesNow: () => layersOf(drawingNow())[index].bases }),
          points: { show: false },
        };
      }),
    ],
    cursor: {
      y: false,
      points: { show: chart.type === "line" },
      drag: { x: true, y: false, setScale: false, dist: 8 },
      sync: { key: cursorGroup, scales: ["x", null] },
    },
    hooks: {
      setCursor: [onCursor],
      setSelect: [(plot) => {
        const { left, width } = plot.select;
        if (width > 0) onSelect(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
        plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
  };
}

/** Steps of an axis of whole days, in seconds. */
const dayIncrements = [1, 2, 7, 14, 28, 91, 364].map((days) => days * 86_400);

/** Steps of an axis that counts: there is no half a turn. */
const wholeSteps = [1, 2, 5].flatMap((step) =>
  Array.from({ length: 13 }, (_, power) => step * 10 ** power)
).sort((a, b) => a - b);

/** Steps of an axis of durations, in ms: by tens up to 5 s, then as clocks count. */
const durationSteps = [
  ...[-2, -1, 0, 1, 2, 3].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power)),
  ...[10, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 6, 12, 24, 48, 120, 240, 480, 1200].map((hours) => hours * 3_600_000),
];

/** Steps of an axis of sizes, in bytes: halves and doubles of what MiB and GiB are made of. */
const sizeSteps = Array.from({ length: 48 }, (_, power) => 2 ** power);

/**
 * @param {Drawing} drawing
 * @returns {[number, number]}
 */
function xRange({ data, period, chart }) {
  const from = Math.min(data.times[0] ?? Infinity, period.fromMs / 1000);
  const last = (data.times.at(-1) ?? 0) + (chart.type === "line" ? 0 : data.stepSeconds);
  return [from, Math.max(last, period.toMs / 1000)];
}

/**
 * @param {number} measure
 * @param {string} stroke
 * @param {number} shape
 * @returns {uPlot.Series}
 */
function lineSeries(measure, stroke, shape) {
  return {
    stroke,
    width: 1.75,
    dash: dashOf(measure),
    points: {
      show: true,
      size: markerSizePx,
      width: 0,
      fill: stroke,
      filter: (plot, seriesIndex) => markedPoints(plot, plot.data[seriesIndex]),
      paths: (plot, seriesIndex, _from, _to, points) => {
        const fill = new Path2D();
        for (const at of points ?? []) {
          const x = plot.valToPos(plot.data[0][at], "x", true);
          const y = plot.valToPos(/** @type {number} */ (plot.data[seriesIndex][at]), "y", true);
          addMarker(shape, fill, x, y, markerSizePx / 2 * devicePixelRatio);
        }
        return { fill, stroke: null, clip: null, flags: 0 };
      },
    },
  };
}

/**
 * @param {uPlot} plot
 * @param {ArrayLike<number | null | undefined>} values
 * @returns {number[]} Points that get a marker: some of a long line, and those that no line leads to.
 */
function markedPoints(plot, values) {
  const every = Math.max(1, Math.round(markerSpacePx / (plot.over.clientWidth / values.length)));
  return Array.from(values).flatMap((value, at) => {
    const isAlone = (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
    if (value === null || value === undefined) return [];
    // On the line of the axis markers would tell of nothing.
    return isAlone || value !== 0 && at % every === 0 ? [at] : [];
  });
}
