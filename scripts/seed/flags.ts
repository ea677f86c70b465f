/** What `deno task seed` is asked for: its flags, checked. */
import { FlagsError, parseFlags } from "../task.ts";
import { trafficDefaults, type TrafficOptions } from "./traffic_options.ts";

export const usage =
  `usage: deno task seed [--events N] [--months N] [--to clickhouse|kafka|store] …
       deno task seed --remove

  --events N        how many events, about (${trafficDefaults.events})
  --months N        over how many months of 30 days (3)
  --users N         how many people, about (one for each 200 events or so)
  --seed N          another number makes other traffic, the same one the same (${trafficDefaults.seed})
  --until TIME      when the traffic ends: 2026-11-24 or 2026-11-24T08:00:00Z (now)
  --time-zone ZONE  where people live, as Europe/Berlin (this machine's)
  --to TARGET       clickhouse: for the dashboards alone, and removable (the default)
                    kafka: on the topic of events, from which ingestion takes them
                    store: into the log of the app itself, which publishes them as it does all others
  --data FOLDER     the data folder (TURNLOG_DATA, .turnlog); a Turnlog that runs on it may go on running
  --force           also where there are other events already
  --remove          takes out of ClickHouse what was made up, and nothing else`;

export const targets = ["clickhouse", "kafka", "store"] as const;
export type TargetName = (typeof targets)[number];

export type SeedFlags =
  | { type: "remove"; data?: string }
  | { type: "make"; traffic: TrafficOptions; to: TargetName; force: boolean; data?: string };

const daysPerMonth = 30;
const eventsMax = 20_000_000;
const monthsMax = 60;

/** @throws FlagsError */
export function readFlags(args: string[], nowMs = Date.now()): SeedFlags {
  const flags = parse(args);
  const data = flags.data === undefined ? {} : { data: flags.data };
  if (flags.remove) return { type: "remove", ...data };
  const to = targets.find((target) => target === (flags.to ?? "clickhouse"));
  if (to === undefined) {
    throw new FlagsError(`--to: must be one of ${targets.join(", ")} (found ${flags.to})`);
  }
  const users = flags.users === undefined
    ? {}
    : { users: wholeNumber(flags.users, "users", 1, 1e6) };
  return {
    type: "make",
    traffic: {
      ...trafficDefaults,
      ...users,
      events: wholeNumber(flags.events ?? trafficDefaults.events, "events", 1, eventsMax),
      days: wholeNumber(flags.months ?? 3, "months", 1, monthsMax) * daysPerMonth,
      seed: wholeNumber(flags.seed ?? trafficDefaults.seed, "seed", 0, 2 ** 31 - 1),
      untilMs: flags.until === undefined ? nowMs : readTime(flags.until),
      timeZone: readTimeZone(flags["time-zone"]),
    },
    to,
    force: flags.force ?? false,
    ...data,
  };
}

function parse(args: string[]) {
  return parseFlags({
    args,
    options: {
      "events": { type: "string" },
      "months": { type: "string" },
      "users": { type: "string" },
      "seed": { type: "string" },
      "until": { type: "string" },
      "time-zone": { type: "string" },
      "to": { type: "string" },
      "data": { type: "string" },
      "force": { type: "boolean" },
      "remove": { type: "boolean" },
    },
  }).values;
}

function wholeNumber(value: string | number, flag: string, min: number, max: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new FlagsError(`--${flag}: must be a whole number from ${min} to ${max} (found ${value})`);
}

function readTime(text: string): number {
  const timeMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new FlagsError(`--until: must be a day or an ISO 8601 time (found ${text})`);
}

function readTimeZone(zone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat("en", zone === undefined ? {} : { timeZone: zone })
      .resolvedOptions().timeZone;
  } catch {
    throw new FlagsError(`--time-zone: must be a zone such as Europe/Berlin (found ${zone})`);
  }
}
