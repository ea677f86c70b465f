/** The range of time that the dashboard shows: what the address says of it, and what views are asked for. */

/**
 * A range as a person chooses it: one of the presets, which moves with the clock, or a fixed one.
 *
 * @typedef {{ preset: PresetName } | { fromMs: number, toMs: number }} TimeRange
 *
 * A range as a view is asked for it, in ms since 1970, and the length of its buckets.
 * @typedef {{ fromMs: number, toMs: number, bucketSeconds: number }} Period
 *
 * @typedef {"1h" | "24h" | "7d" | "30d" | "90d"} PresetName
 */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** `refreshSeconds`: how often it is fetched anew where nothing else is chosen; 0 for never. */
export const presets = /** @type {const} */ ([
  { name: "1h", title: "Last hour", short: "1 h", ms: hourMs, refreshSeconds: 5 },
  { name: "24h", title: "Last 24 hours", short: "24 h", ms: dayMs, refreshSeconds: 30 },
  { name: "7d", title: "Last 7 days", short: "7 d", ms: 7 * dayMs, refreshSeconds: 0 },
  { name: "30d", title: "Last 30 days", short: "30 d", ms: 30 * dayMs, refreshSeconds: 0 },
  { name: "90d", title: "Last 90 days", short: "90 d", ms: 90 * dayMs, refreshSeconds: 0 },
]);

/** The lengths of buckets that people think in. */
const bucketLengths = [
  1,
  5,
  10,
  30,
  60,
  300,
  900,
  1800,
  3600,
  7200,
  21_600,
  43_200,
  86_400,
  604_800,
];
/** A chart has at most so many buckets where none are chosen: more could hardly be told apart. */
const bucketsMax = 120;
/** A chart of which buckets are chosen has at least and at most so many. */
const chosenBucketsMin = 2;
const chosenBucketsMax = 2000;

export const refreshChoices = /** @type {const} */ ([0, 5, 30, 60]);

/**
 * @param {URLSearchParams} search
 * @returns {TimeRange} The last 24 hours where the address says nothing that can be understood.
 */
export function parseRange(search) {
  const fromMs = Date.parse(search.get("from") ?? "");
  const toMs = Date.parse(search.get("to") ?? "");
  if (fromMs < toMs) return { fromMs, toMs };
  const preset = presets.find(({ name }) => name === search.get("range"));
  return { preset: preset?.name ?? "24h" };
}

/**
 * @param {TimeRange} range
 * @returns {URLSearchParams} The address's search that {@linkcode parseRange} understands.
 */
export function rangeSearch(range) {
  if ("preset" in range) return new URLSearchParams({ range: range.preset });
  return new URLSearchParams({
    from: new Date(range.fromMs).toISOString(),
    to: new Date(range.toMs).toISOString(),
  });
}

/**
 * @param {TimeRange} range
 * @returns {number[]} Lengths of buckets that may be chosen for it, in seconds, rising.
 */
export function bucketChoices(range) {
  const { fromMs, toMs } = periodOf(range, 0);
  return bucketLengths.filter((seconds) => {
    const buckets = (toMs - fromMs) / 1000 / seconds;
    return buckets >= chosenBucketsMin && buckets <= chosenBucketsMax;
  });
}

/**
 * @param {TimeRange} range
 * @param {number} nowMs
 * @param {number | null} [bucketSeconds] Null where none is chosen.
 * @returns {Period}
 */
export function periodOf(range, nowMs, bucketSeconds = null) {
  const preset = presetOf(range);
  const { fromMs, toMs } = "preset" in range
    ? { fromMs: nowMs - (preset?.ms ?? dayMs), toMs: nowMs }
    : range;
  return { fromMs, toMs, bucketSeconds: bucketSeconds ?? bucketSecondsOf(toMs - fromMs) };
}

/**
 * @param {{ fromMs: number, toMs: number }} period
 * @returns {{ fromMs: number, toMs: number }} The one of the same length before it.
 */
export function periodBefore({ fromMs, toMs }) {
  return { fromMs: fromMs - (toMs - fromMs), toMs: fromMs };
}

/** @param {number} seconds One of the lengths of buckets: `5 min`. */
export function bucketTitle(seconds) {
  const units =
    /** @type {const} */ ([[604_800, "week"], [86_400, "day"], [3600, "h"], [60, "min"]]);
  const [length, unit] = units.find(([length]) => seconds % length === 0) ?? [1, "s"];
  return `${seconds / length} ${unit}`;
}

/** @param {TimeRange} range @returns Null for a fixed range. */
export function presetOf(range) {
  return "preset" in range ? presets.find(({ name }) => name === range.preset) ?? null : null;
}

/** @param {number} lengthMs */
function bucketSecondsOf(lengthMs) {
  const longest = /** @type {number} */ (bucketLengths.at(-1));
  return bucketLengths.find((seconds) => lengthMs / 1000 / seconds <= bucketsMax) ??
    Math.ceil(lengthMs / 1000 / bucketsMax / longest) * longest;
}
