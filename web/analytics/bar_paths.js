/** Draws bars for uPlot: each fills its bucket of time, stacked on the bars below it or beside them. */

/** @import uPlot from "uplot" */

/** The part of a bucket that bars fill; the rest keeps buckets apart. */
const filledShare = 0.8;
/** The widest bar, in CSS pixels: two days in a wide chart are not two walls. */
const widthMaxPx = 48;

/**
 * @typedef {object} BarPlace
 * @property {number} stepSeconds The length of a bucket.
 * @property {number} index Which of the bars that stand side by side, from 0.
 * @property {number} count How many stand side by side; 1 where they are stacked.
 * @property {() => (number | null)[] | null} basesNow Where each bar begins, asked at each drawing; null for all at 0.
 */

/**
 * @param {BarPlace} place
 * @returns {uPlot.Series.PathBuilder}
 */
export function barPaths({ stepSeconds, index, count, basesNow }) {
  return (plot, seriesIndex) => {
    const fill = new Path2D();
    const bases = basesNow();
    const times = plot.data[0];
    const tops = plot.data[seriesIndex];
    const ratio = devicePixelRatio;
    times.forEach((time, at) => {
      const top = tops[at];
      const base = bases?.[at] ?? 0;
      if (top === null || top === undefined || top === base) return;
      const from = plot.valToPos(time, "x", true);
      const bucket = plot.valToPos(time + stepSeconds, "x", true) - from;
      const width = Math.max(1, Math.min(bucket * filledShare, widthMaxPx * ratio));
      const left = from + (bucket - width) / 2 + index * width / count;
      const bottom = plot.valToPos(base, "y", true);
      const height = bottom - plot.valToPos(top, "y", true);
      // A thin line of the ground keeps stacked bars apart.
      const gap = base > 0 && height > 3 * ratio ? ratio : 0;
      fill.rect(
        Math.round(left),
        bottom - height,
        Math.max(1, Math.round(width / count)),
        height - gap,
      );
    });
    return { fill, stroke: null, clip: null, flags: 0 };
  };
}
