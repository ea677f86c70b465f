/** When people chat: the shape of a week and of a day where they live, and growth over the months. */

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** How busy a day is, from Sunday on. */
export const weekdayShape = [0.42, 1, 1.08, 1.1, 1.05, 0.86, 0.36];

/** How busy an hour is, from midnight on. */
export const hourShape = [
  ...[0.1, 0.06, 0.04, 0.03, 0.04, 0.08, 0.2, 0.5, 0.9, 1.25, 1.4, 1.35],
  ...[1.05, 1.2, 1.4, 1.4, 1.25, 1, 0.8, 0.75, 0.75, 0.65, 0.45, 0.22],
];

export interface Hour {
  startMs: number;
  /** The share of all traffic that it has. */
  share: number;
  /** How busy it is beside an average one of its week. */
  rush: number;
}

/** @returns The hours of the range in their order; their shares are 1 together. */
export function hoursOf(
  { untilMs, days, timeZone, monthlyGrowth }: {
    untilMs: number;
    days: number;
    timeZone: string;
    monthlyGrowth: number;
  },
): Hour[] {
  const local = localTimeIn(timeZone);
  const fromMs = untilMs - days * dayMs;
  const hours = Array.from({ length: days * 24 }, (_, index) => {
    const startMs = fromMs + index * hourMs;
    const { weekday, hour } = local(startMs);
    const rush = weekdayShape[weekday] * hourShape[hour];
    return { startMs, rush, weight: rush * monthlyGrowth ** (index / 24 / 30) };
  });
  const sum = hours.reduce((total, { weight }) => total + weight, 0);
  return hours.map(({ startMs, rush, weight }) => ({ startMs, rush, share: weight / sum }));
}

/** @returns What tells the weekday, 0 for Sunday, and the hour of a time in this zone. */
export function localTimeIn(
  timeZone: string,
): (timeMs: number) => { weekday: number; hour: number } {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "numeric",
    hourCycle: "h23",
  });
  const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  return (timeMs) => {
    const parts = Object.fromEntries(
      format.formatToParts(timeMs).map(({ type, value }) => [type, value]),
    );
    return { weekday: weekdays.indexOf(parts.weekday), hour: Number(parts.hour) };
  };
}
