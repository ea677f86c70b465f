/** The engine's settings for each user: what a query may cost, and which settings a reader may choose. */
import { readerLimits } from "../reader_limits.ts";
import { ClickHouseException } from "./clickhouse_exception.ts";
import type { EngineSettings } from "./engine.ts";

const mebibyte = 1024 * 1024;

/** How large a result may be that has to be held in memory whole, in bytes: see `output_format.ts`. */
export const heldResultBytesMax = 256 * mebibyte;

const common: EngineSettings = {
  // A text that is no statement is an error, as on a server, and not a SELECT.
  implicit_select: 0,
  // Times without a zone mean the same on every machine.
  session_timezone: "UTC",
};

/** Settings that change how a result is written or computed, and nothing outside of the query. */
const readerChoices = new Set([
  "date_time_output_format",
  "extremes",
  "final",
  "group_by_use_nulls",
  "join_use_nulls",
  "max_block_size",
  "result_overflow_mode",
  "session_timezone",
  "timeout_overflow_mode",
]);

/**
 * The settings of a writer's session.
 *
 * @param given The settings of the request, any that the engine knows.
 */
export function writerSettings(given: Record<string, string>): EngineSettings {
  // An acknowledged insert is written, not queued.
  return { ...common, async_insert: 0, ...given };
}

/**
 * The settings of a reader's session, without `readonly`, which comes last.
 *
 * @throws ClickHouseException with code 164 for a setting that a reader may not choose, as ClickHouse has it for a user
 * with `readonly=1`; 36 for a limit that is no number.
 */
export function readerSettings(given: Record<string, string>): EngineSettings {
  const settings: EngineSettings = { ...common, ...readerLimits };
  for (const [name, value] of Object.entries(given)) {
    if (name in readerLimits) {
      settings[name] = lowerLimit(name as keyof typeof readerLimits, value);
    } else if (readerChoices.has(name) || name.startsWith("output_format_")) {
      settings[name] = value;
    } else if (name !== "readonly" || value === "0") {
      throw ClickHouseException.of("READONLY", `Cannot modify '${name}' setting in readonly mode`);
    }
  }
  return settings;
}

/** 0 means no limit to ClickHouse, so it means the highest here. */
function lowerLimit(name: keyof typeof readerLimits, value: string): number {
  const number = Number(value);
  if (!(number >= 0)) {
    throw ClickHouseException.of("BAD_ARGUMENTS", `Setting ${name} is not a number: ${value}`);
  }
  return number === 0 ? readerLimits[name] : Math.min(number, readerLimits[name]);
}
