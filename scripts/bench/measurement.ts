/** What a measurement gives: figures, each beside what it is held against. */

export interface Figure {
  /** What was measured, with its conditions. */
  what: string;
  value: number;
  unit:
    | "ms"
    | "s"
    | "MB"
    | "kB"
    | "%"
    | "events/s"
    | "requests/s"
    | "answers"
    | "streams"
    | "tokens";
  /** What it is compared with, measured in the same run or set as an aim. */
  against?: { what: string; value: number };
}

/** The middle of the values, or another share of them: 0.95 for the 95th percentile, by the nearest rank. */
export function quantile(values: readonly number[], share = 0.5): number {
  if (values.length === 0) throw new RangeError("Cannot take a quantile of no values");
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)];
}

/** @returns The time since 1970 in milliseconds, as fine as the clock: the same for all processes of a machine. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Resolves at a time since 1970 in milliseconds; at once where it is past. */
export function sleepUntil(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, timeMs - wallClockMs())));
}
