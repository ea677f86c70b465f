/** Markers on lines, dashes and patterns in bars: what tells series apart without their colours. */

/** Dashes of lines by measure (the first, the second … of a view's `y`), in CSS pixels. */
const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** @param {number} measure */
export function dashOf(measure) {
  return dashes[measure % dashes.length];
}

/** How each marker is drawn around 0, 0 with radius 1. @type {((path: Path2D) => void)[]} */
const markers = [
  (path) => path.arc(0, 0, 1, 0, 2 * Math.PI),
  (path) => path.rect(-0.9, -0.9, 1.8, 1.8),
  (path) => polygon(path, [[0, -1.2], [1.1, 0.9], [-1.1, 0.9]]),
  (path) => polygon(path, [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]),
  (path) => polygon(path, [[0, 1.2], [1.1, -0.9], [-1.1, -0.9]]),
  (path) => {
    path.rect(-1.2, -0.4, 2.4, 0.8);
    path.rect(-0.4, -1.2, 0.8, 2.4);
  },
  (path) => polygon(path, [[-1.2, 0], [0.9, -1.1], [0.9, 1.1]]),
  (path) => polygon(path, [[1.2, 0], [-0.9, -1.1], [-0.9, 1.1]]),
];

/**
 * @param {number} shape
 * @param {Path2D} into
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function addMarker(shape, into, x, y, radius) {
  const path = new Path2D();
  markers[shape % markers.length](path);
  into.addPath(path, new DOMMatrix([radius, 0, 0, radius, x, y]));
}

/** Strokes of each pattern in a tile of 8 by 8; the first is plain. */
const patterns = [
  "",
  "M-2 2L2 -2M0 8L8 0M6 10L10 6",
  "M0 2H8M0 6H8",
  "M-2 6L2 10M0 0L8 8M6 -2L10 2",
  "M2 0V8M6 0V8",
  "M0 8L8 0M0 0L8 8",
  "M4 3V5M3 4H5",
  "M0 4H8M4 0V8",
];

/**
 * @param {number} shape
 * @param {string} color
 * @param {string} lineColor What stands between the strokes of the colour: the chart's ground.
 * @param {number} ratio Device pixels for one CSS pixel.
 * @returns {string | CanvasPattern} What a bar is filled with.
 */
export function patternOf(shape, color, lineColor, ratio) {
  const strokes = patterns[shape % patterns.length];
  if (strokes === "") return color;
  const size = 8 * ratio;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = color;
  context.fillRect(0, 0, size, size);
  context.scale(ratio, ratio);
  context.strokeStyle = lineColor;
  context.globalAlpha = 0.7;
  context.lineWidth = 1.25;
  context.stroke(new Path2D(strokes));
  return context.createPattern(canvas, "repeat") ?? color;
}

/**
 * @param {Path2D} path
 * @param {[number, number][]} points
 */
function polygon(path, points) {
  for (const [x, y] of points) path.lineTo(x, y);
  path.closePath();
}
