/** A sample of how a series is drawn: its line with its marker, or its bar with its pattern. */
import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { addMarker, dashOf, patternOf } from "./series_marks.js";
import { styleOf } from "./series_style.js";
import { colorOf, shownTheme } from "./theme_colors.js";

/**
 * @import { Chart } from "../../events/contract/api.ts"
 *
 * `name`: what its colour goes by; null for what series of several colours have in common.
 * @typedef {{ name: string | null, measure: number }} Sample
 */

const lineWidthPx = 24;
const barWidthPx = 12;
const heightPx = 12;

/** @param {{ chart: Chart, series: Sample }} props */
export function SeriesSwatch({ chart, series }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const theme = shownTheme.value;
  useLayoutEffect(() => {
    if (canvas.current !== null) draw(canvas.current, chart, series);
  }, [theme, chart.type, series.name, series.measure]);
  const shape = chart.type === "line" ? "" : "bar";
  return html`<canvas ref=${canvas} class="swatch ${shape}" aria-hidden="true"></canvas>`;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Chart} chart
 * @param {Sample} sample
 */
function draw(canvas, chart, { name, measure }) {
  const ratio = devicePixelRatio;
  canvas.width = (chart.type === "line" ? lineWidthPx : barWidthPx) * ratio;
  canvas.height = heightPx * ratio;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const { color, shape } = name === null ? { color: "--text-muted", shape: 0 } : styleOf(name);
  const stroke = colorOf(canvas.parentElement ?? document.body, color);
  if (chart.type !== "line") {
    const ground = colorOf(canvas.parentElement ?? document.body, "--surface-raised");
    context.globalAlpha = measure === 0 ? 1 : 0.65;
    context.fillStyle = patternOf(shape, stroke, ground, ratio);
    context.fillRect(0, 0, canvas.width, canvas.height);
    return;
  }
  context.strokeStyle = context.fillStyle = stroke;
  context.lineWidth = 1.75 * ratio;
  context.setLineDash(dashOf(measure).map((length) => length * ratio));
  context.stroke(new Path2D(`M0 ${canvas.height / 2}H${canvas.width}`));
  if (name === null) return;
  const marker = new Path2D();
  addMarker(shape, marker, canvas.width / 2, canvas.height / 2, 3.5 * ratio);
  context.fill(marker);
}
