/** A chart on the page: drawn by uPlot, with its legend and, under the cursor, all series at that time. */
import { html } from "htm/preact";
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { announce } from "../state/announcements.js";
import { ChartLegend } from "./chart_legend.js";
import { layersOf, plotData, plotOptions } from "./chart_options.js";
import { bucketTitle, ChartTooltip } from "./chart_tooltip.js";
import { shownTheme } from "./theme_colors.js";
import { formatValue, unitNames } from "./units.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { ChartData } from "./chart_data.js"
 * @import { Drawing } from "./chart_options.js"
 * @import { Hover } from "./chart_tooltip.js"
 * @import { Period } from "./time_range.js"
 * @import { Point } from "./turns_behind.js"
 */

/**
 * @param {object} props
 * @param {Pick<AnalyticsView, "chart" | "title">} props.view
 * @param {ChartData} props.data
 * @param {Period} props.period
 * @param {number} props.height In CSS pixels.
 * @param {(fromMs: number, toMs: number) => void} props.onZoom A range was dragged.
 * @param {((point: Point) => void) | null} props.onOpen Opens the turns behind a point; null where no view tells.
 */
export function ChartView({ view, data, period, height, onZoom, onOpen }) {
  const { chart, title } = view;
  const [hidden, setHidden] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const hover = useSignal(/** @type {Hover | null} */ (null));
  const drawing = { chart, data, period, hidden };
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const plot = usePlot({ element, drawing, height, hover, onZoom, onOpen });

  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (event.key === "Enter" && hover.value !== null) onOpen?.(pointAt(data, hover.value.index));
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || plot.current === null) return;
    event.preventDefault();
    const from = hover.value?.index ?? (step > 0 ? -1 : data.times.length);
    const index = Math.max(0, Math.min(from + step, data.times.length - 1));
    const middle = chart.type === "line" ? 0 : data.stepSeconds / 2;
    plot.current.setCursor({
      left: plot.current.valToPos(data.times[index] + middle, "x"),
      top: 8,
    });
    announce(wordsAt(drawing, index));
  }

  return html`
    <div class="chart">
      <div class="chart-unit">${unitNames[chart.unit]}</div>
      <div
        class="chart-plot ${onOpen === null ? "" : "opens"}"
        ref=${element}
        role="img"
        tabindex="0"
        aria-label=${`Chart: ${title}. Arrow keys go through its times${
          onOpen === null ? "" : ", Enter opens the turns of one"
        }; its table has all numbers.`}
        onKeyDown=${onKeyDown}
        onBlur=${() => plot.current?.setCursor({ left: -10, top: -10 })}
      ></div>
      ${hover.value !== null && hover.value.index < data.times.length &&
        html`<${ChartTooltip} drawing=${drawing} hover=${hover.value} />`}
      <${ChartLegend} chart=${chart} data=${data} hidden=${hidden} onChange=${setHidden} />
    </div>
  `;
}

/**
 * @param {object} options
 * @param {{ current: HTMLElement | null }} options.element
 * @param {Drawing} options.drawing
 * @param {number} options.height
 * @param {import("@preact/signals").Signal<Hover | null>} options.hover
 * @param {(fromMs: number, toMs: number) => void} options.onZoom
 * @param {((point: Point) => void) | null} options.onOpen
 * @returns {{ current: uPlot | null }}
 */
function usePlot({ element, drawing, height, hover, onZoom, onOpen }) {
  const plot = useRef(/** @type {uPlot | null} */ (null));
  const theme = shownTheme.value;
  const layers = layersOf(drawing);
  // New numbers only move what is drawn; another set of series or colours is another plot.
  const shape = JSON.stringify([
    theme,
    height,
    drawing.data.stepSeconds,
    drawing.data.isDaily,
    layers.map(({ series }) => series.key),
  ]);
  const latest = useRef({ drawing, onOpen });
  latest.current = { drawing, onOpen };

  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const made = new uPlot(
      plotOptions(() => latest.current.drawing, {
        element: current,
        width: current.clientWidth,
        height,
        onCursor: (plot) => hover.value = hoverAt(plot, latest.current.drawing),
        onSelect: (from, to) => onZoom(from * 1000, to * 1000),
      }),
      plotData(drawing),
      current,
    );
    plot.current = made;
    // A tap of a finger shows the numbers; the table has the links then.
    made.over.addEventListener("click", (event) => {
      const { drawing, onOpen } = latest.current;
      const isTouch = event instanceof PointerEvent && event.pointerType === "touch";
      if (hover.value === null || isTouch) return;
      const { index } = hover.value;
      if (layersOf(drawing).every(({ series }) => !series.values[index])) return;
      onOpen?.(pointAt(drawing.data, index, seriesAtCursor(made, drawing, index)));
    });
    const sizes = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height }));
    sizes.observe(current);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);
  useLayoutEffect(() => plot.current?.setData(plotData(drawing)), [drawing.data]);
  return plot;
}

/**
 * @param {uPlot} plot
 * @param {Drawing} drawing
 * @returns {Hover | null} Null where the cursor is outside, or follows another chart's.
 */
function hoverAt(plot, { chart, data }) {
  const { left = -1, idx } = plot.cursor;
  const isHere = plot.root.matches(":hover") || plot.root.parentElement === document.activeElement;
  if (left < 0 || !isHere) return null;
  // A bar stands for the bucket that begins at its time, a point for itself.
  const time = plot.posToVal(left, "x");
  const index = chart.type === "line" ? idx : data.times.findLastIndex((from) => from <= time);
  if (index === null || index === undefined || index < 0) return null;
  const { offsetLeft, clientWidth } = plot.over;
  return { index, left: offsetLeft + left, isRight: left > clientWidth / 2 };
}

/**
 * @param {ChartData} data
 * @param {number} index
 * @param {string | null} [value] Of the series column, where one series is meant.
 * @returns {Point}
 */
function pointAt({ times, stepSeconds }, index, value = null) {
  return { fromSeconds: times[index], stepSeconds, value };
}

/**
 * @param {uPlot} plot
 * @param {Drawing} drawing
 * @param {number} index
 * @returns {string | null} The value of the series whose line or bar at that time is nearest to the cursor.
 */
function seriesAtCursor(plot, drawing, index) {
  const y = plot.posToVal(plot.cursor.top ?? 0, "y");
  const near = layersOf(drawing).flatMap(({ series, tops, bases }) => {
    const top = tops[index];
    if (top === null) return [];
    const bottom = bases === null ? top : bases[index] ?? 0;
    // A bar of no height is under no cursor.
    if (bases !== null && top === bottom) return [];
    return [{ series, distance: y > top ? y - top : Math.max(0, bottom - y) }];
  }).sort((a, b) => a.distance - b.distance);
  return near[0]?.series.value ?? null;
}

/**
 * @param {Drawing} drawing
 * @param {number} index
 */
function wordsAt(drawing, index) {
  const values = layersOf(drawing).map(({ series }) =>
    `${series.title} ${formatValue(series.values[index], series.unit)}`
  );
  return `${bucketTitle(drawing.data, index)}: ${values.join(", ")}`;
}
