/** What stands beneath a chart's axis of time. */

const daySeconds = 86_400;

/** @type {Intl.DateTimeFormatOptions} */
const dayOptions = { day: "numeric", month: "short" };
const day = new Intl.DateTimeFormat("en", dayOptions);
const utcDay = new Intl.DateTimeFormat("en", { ...dayOptions, timeZone: "UTC" });
/** @type {Intl.DateTimeFormatOptions} */
const clockOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat("en", clockOptions);
const clockWithSeconds = new Intl.DateTimeFormat("en", { ...clockOptions, second: "2-digit" });

/**
 * @param {number} tick In seconds since 1970.
 * @param {number} stepSeconds Between two ticks.
 * @param {boolean} isDaily Whether the chart has whole days of UTC.
 * @returns {string} A day where ticks are days, or where a day begins; else the time of day, in the reader's zone.
 */
export function formatTimeTick(tick, stepSeconds, isDaily) {
  const date = new Date(tick * 1000);
  if (isDaily) return utcDay.format(date);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (isMidnight || stepSeconds >= daySeconds) return day.format(date);
  return (stepSeconds < 60 ? clockWithSeconds : clock).format(date);
}
