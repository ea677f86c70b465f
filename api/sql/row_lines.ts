/** Reads ClickHouse's format JSONCompactEachRowWithNamesAndTypes: a line of names, one of types, then one for each row. */
import type { AnalystRows } from "../../events/contract/api.ts";

/**
 * @param rowsMax After so many rows, or `bytesMax` bytes, the rest is not read.
 * @returns Rows by the names of their columns. Numbers of 64 bits come as text, and are numbers where that is exact.
 */
export async function readRows(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { rowsMax, bytesMax }: { rowsMax: number; bytesMax: number },
): Promise<Pick<AnalystRows, "columns" | "rows" | "isTruncated">> {
  const lines = linesOf(body, bytesMax);
  const head: string[][] = [];
  const rows: AnalystRows["rows"] = [];
  let columns: AnalystRows["columns"] = [];
  for await (const line of lines) {
    if (line === null || rows.length === rowsMax) return { columns, rows, isTruncated: true };
    const cells: unknown[] = JSON.parse(line);
    if (head.length < 2) {
      head.push(cells as string[]);
      if (head.length === 2) columns = columnsOf(head[0], head[1]);
    } else {
      rows.push(
        Object.fromEntries(columns.map(({ name, type }, at) => [name, exact(cells[at], type)])),
      );
    }
  }
  return { columns, rows, isTruncated: false };
}

/** A join may give two columns one name; a row has each only once. */
function columnsOf(names: string[], types: string[]): AnalystRows["columns"] {
  const used = new Set<string>();
  return names.map((given, at) => {
    let name = given;
    for (let number = 2; used.has(name); number++) name = `${given}_${number}`;
    used.add(name);
    return { name, type: types[at] };
  });
}

function exact(value: unknown, type: string): unknown {
  if (typeof value !== "string" || !/^(?:Nullable\()?U?Int64\)?$/.test(type)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Yields null, and ends, where there are more bytes than may be read. */
async function* linesOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  bytesMax: number,
): AsyncGenerator<string | null> {
  const decoder = new TextDecoder();
  let length = 0;
  let rest = "";
  // To leave the loop is to cancel the stream.
  for await (const bytes of body) {
    length += bytes.length;
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
    if (length > bytesMax) return yield null;
  }
  if (rest !== "") yield rest;
}
