/** How the numbers of a view are written, by their unit. */
import { formatBytes, formatCompact, formatCost, formatCount, formatDuration } from "../format.js";

/** Counts from here on are written in short: `12.3K`. */
const shortCountMax = 10_000;

/** @typedef {import("../../events/contract/api.ts").ChartUnit} Unit */

/** What stands above a chart's axis. @type {Record<Unit, string>} */
export const unitNames = {
  count: "count",
  ms: "duration",
  tokens: "tokens",
  "tokens/s": "tokens a second",
  usd: "USD",
  ratio: "share",
  bytes: "size",
  points: "points",
};

/**
 * @param {number | null} value
 * @param {Unit} unit
 * @returns {string} In full, as in a table.
 */
export function formatValue(value, unit) {
  if (value === null) return "–";
  switch (unit) {
    case "count":
    case "tokens":
      return formatCount(value);
    case "tokens/s":
      return `${formatCount(Math.round(value * 10) / 10)}/s`;
    case "points":
      return formatCount(Math.round(value));
    case "bytes":
      return formatBytes(value);
    case "ms":
      return formatDuration(value);
    case "usd":
      return formatCost(value);
    case "ratio":
      return `${formatCount(Math.round(value * 1000) / 10)}%`;
  }
}

/**
 * @param {number} value
 * @param {Unit} unit
 * @returns {string} In short, as on an axis or in a key figure.
 */
export function formatShort(value, unit) {
  const isLong = value >= shortCountMax && (unit === "count" || unit === "tokens");
  return isLong ? formatCompact(value) : formatValue(value, unit);
}

/** @param {number} value @param {Unit} unit Like {@linkcode formatShort}, without digits that an axis does not need. */
export function formatTick(value, unit) {
  if (unit === "ms") return formatDurationTick(value);
  if (unit === "usd") return `$${Number(value.toPrecision(4))}`;
  return formatShort(value, unit);
}

/** @param {number} ms */
function formatDurationTick(ms) {
  const units = /** @type {const} */ ([[3_600_000, "h"], [60_000, "min"], [1000, "s"], [1, "ms"]]);
  // In minutes and hours where they are whole or several: 90 s do not become 1.5 min.
  const [length, unit] =
    units.find(([length]) =>
      ms % length === 0 && ms > 0 || ms >= (length > 1000 ? 2 : 1) * length
    ) ?? [1, "ms"];
  return `${Number((ms / length).toFixed(2))} ${unit}`;
}
