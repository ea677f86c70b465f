/** How every process logs: one line an entry on standard output, as text for a terminal or as JSON for a collector. */
import {
  configureSync,
  getConsoleSink,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type Logger,
  type LogLevel,
} from "@logtape/logtape";

export type { Logger };

/**
 * Sets up logging; call it once, at the start of a process.
 *
 * @param level The lowest level that is printed.
 * @param format `text` for people, `json` for collectors.
 */
export function configureLogging(
  { level, format }: { level: LogLevel; format: "text" | "json" },
): void {
  const formatter = format === "json"
    ? getJsonLinesFormatter({ properties: "flatten" })
    : getTextFormatter({ timestamp: "time", level: "full", category: ".", format: formatLine });
  configureSync({
    sinks: { console: getConsoleSink({ formatter }) },
    loggers: [
      { category: "turnlog", lowestLevel: level, sinks: ["console"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["console"] },
    ],
  });
}

/** @returns The logger of one part of a process, such as `["api", "hub"]`. */
export function loggerOf(...part: string[]): Logger {
  return getLogger(["turnlog", ...part]);
}

function formatLine(
  { timestamp, level, category, message, record }: {
    timestamp: string | null;
    level: string;
    category: string;
    message: string;
    record: { properties: Record<string, unknown> };
  },
): string {
  const properties = Object.entries(record.properties).map(([name, value]) =>
    ` ${name}=${value instanceof Error ? value.message : JSON.stringify(value)}`
  );
  return `${timestamp} ${level} ${category}: ${message}${properties.join("")}`;
}
