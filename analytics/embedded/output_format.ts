/** What the server has to know of ClickHouse's output formats: which may be sent in pieces, and their content types. */

/** The format of an answer where the request names none. */
export const defaultFormat = "TabSeparated";

/**
 * Formats without a beginning or an end of their own: the engine writes each piece of a result as a whole document, and
 * these documents one after another are the document of the whole. All others are held in memory until they are
 * complete.
 */
const concatenableFormats = new Set([
  "CSV",
  "JSONCompactEachRow",
  "JSONCompactStringsEachRow",
  "JSONEachRow",
  "JSONLines",
  "JSONStringsEachRow",
  "LineAsString",
  "NDJSON",
  "Native",
  "RowBinary",
  "TSKV",
  "TSV",
  "TSVRaw",
  "TabSeparated",
  "TabSeparatedRaw",
]);

export function mayStream(format: string): boolean {
  return concatenableFormats.has(format);
}

/** By the beginning of the format's name; the first that fits. */
const contentTypes: [prefix: string, contentType: string][] = [
  ["JSONEachRow", "application/x-ndjson; charset=UTF-8"],
  ["JSONLines", "application/x-ndjson; charset=UTF-8"],
  ["NDJSON", "application/x-ndjson; charset=UTF-8"],
  ["JSONStringsEachRow", "application/x-ndjson; charset=UTF-8"],
  ["JSONCompactEachRow", "application/x-ndjson; charset=UTF-8"],
  ["JSONCompactStringsEachRow", "application/x-ndjson; charset=UTF-8"],
  ["JSON", "application/json; charset=UTF-8"],
  ["CSVWithNames", "text/csv; charset=UTF-8; header=present"],
  ["CSV", "text/csv; charset=UTF-8; header=absent"],
  ["TabSeparated", "text/tab-separated-values; charset=UTF-8"],
  ["TSV", "text/tab-separated-values; charset=UTF-8"],
  ["TSKV", "text/tab-separated-values; charset=UTF-8"],
  ["XML", "application/xml; charset=UTF-8"],
  ["Markdown", "text/markdown; charset=UTF-8"],
  ["Pretty", "text/plain; charset=UTF-8"],
  ["Vertical", "text/plain; charset=UTF-8"],
  ["Values", "text/plain; charset=UTF-8"],
];

/** @returns The content type of a format, as ClickHouse's HTTP interface gives it. */
export function contentTypeOf(format: string): string {
  return contentTypes.find(([prefix]) => format.startsWith(prefix))?.[1] ??
    "application/octet-stream";
}

/**
 * Reads the FORMAT clause of a statement.
 *
 * @param statement As `formatQuerySingleLine` writes it: without comments, FORMAT and SETTINGS at the end, and strings
 * in quotes, so that no string can look like a clause.
 * @returns The format's name, null where the statement has no such clause.
 */
export function formatClauseOf(statement: string): string | null {
  return / FORMAT (\w+)(?: SETTINGS [^()]*)?$/.exec(statement)?.[1] ?? null;
}
