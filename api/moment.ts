/** Times as people give them: in full, as a day, or as how long ago they were. */

const dayMs = 86_400_000;
const unitsMs: Record<string, number> = {
  m: 60_000,
  h: 3_600_000,
  d: dayMs,
  w: 7 * dayMs,
};

const form = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** What a moment may look like, for error messages. */
export const momentForms =
  "must be a time such as 2026-11-23T08:00:00Z, a day such as 2026-11-23 (UTC), or how long ago: 30m, 12h, 7d, 2w";

/** @returns Null where the text is none. */
export function readMoment(text: string, now: Date = new Date()): Date | null {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (unit !== undefined) return new Date(now.getTime() - Number(count) * unitsMs[unit]);
  const time = new Date(text);
  return form.test(text) && !Number.isNaN(time.getTime()) ? time : null;
}
