/** How numbers, times and sizes are written for people. */

const count = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat("en", {
  dateStyle: "medium",
  timeStyle: "medium",
  hourCycle: "h23",
});
const minutes = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

/** @param {number} value */
export function formatCount(value) {
  return count.format(value);
}

/** @param {number} value `12345` becomes `12.3K`. */
export function formatCompact(value) {
  return compact.format(value);
}

/** @param {number} ms `320 ms`, `3.4 s`, `1 min 12 s`. */
export function formatDuration(ms) {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** @param {number} ms A wait in whole seconds: `40 s`, `2 min`. */
export function formatWait(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** @param {number} ms How long ago: `now`, `40 s ago`, `3 h ago`. */
export function formatAgo(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 5) return "now";
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

/** @param {number} usd With two significant digits below a cent: `$0.0012`. */
export function formatCost(usd) {
  if (usd === 0) return "$0";
  if (Math.abs(usd) >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${
    Number(usd.toPrecision(2)).toFixed(Math.min(8, 1 - Math.floor(Math.log10(Math.abs(usd)))))
  }`;
}

/** @param {number} bytes `512 B`, `3.5 GiB`. */
export function formatBytes(bytes) {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log2(bytes || 1) / 10)));
  return `${count.format(Number((bytes / 1024 ** power).toPrecision(3)))} ${byteUnits[power]}`;
}

/** @param {string | number | Date} date */
export function formatTime(date) {
  return time.format(new Date(date));
}

/**
 * @param {number} fromMs
 * @param {number} toMs
 * @returns {string} Both to the minute, what they have in common once.
 */
export function formatMinutes(fromMs, toMs) {
  return minutes.formatRange(fromMs, toMs);
}

/**
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export function plural(number, one, many = `${one}s`) {
  return `${formatCount(number)} ${number === 1 ? one : many}`;
}

/**
 * @param {string} text
 * @param {number} lengthMax In characters, as people count them.
 */
export function shorten(text, lengthMax) {
  const characters = [...text];
  if (characters.length <= lengthMax) return text;
  return `${characters.slice(0, lengthMax - 1).join("").trimEnd()}…`;
}
