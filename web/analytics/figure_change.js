/** How a figure has changed against the period before, in words. */
import { formatShort } from "./units.js";

/** @import { Unit } from "./units.js" */

/**
 * @param {number | null} value
 * @param {number | null} before
 * @param {Unit} unit
 * @returns {string} `+12% from 1,100`; of a share the points that it went up or down; "" where there is nothing to tell.
 */
export function changeOf(value, before, unit) {
  if (value === null) return "";
  if (before === null) return "none before";
  if (value === before) return "as before";
  const from = `from ${formatShort(before, unit)}`;
  if (unit === "ratio") {
    const points = (value - before) * 100;
    return `${signed(points, Math.abs(points) < 10 ? 1 : 0)} points ${from}`;
  }
  if (before === 0) return "none before";
  return `${signed((value / before - 1) * 100, 0)}% ${from}`;
}

/**
 * @param {number} number
 * @param {number} digits After the point.
 */
function signed(number, digits) {
  const size = Math.abs(number).toFixed(digits);
  if (Number(size) === 0) return "±0";
  return number > 0 ? `+${size}` : `−${size}`;
}
