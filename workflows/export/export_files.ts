/** The files of an export, made of its parts. Each is there whole or not at all. */
import type { ExportedConversation } from "../../events/contract/export.ts";
import {
  type ExportFile,
  exportFileNames,
  type ExportFormat,
} from "../../events/contract/export_files.ts";
import { writeParquet } from "./parquet_turns.ts";
import { bytesOfParts, type LineFormat } from "./part_files.ts";

/** @returns Which lines have to be written for these formats. */
export function linesFor(formats: readonly ExportFormat[]): LineFormat[] {
  const lines = formats.map((format) => format === "parquet" ? "jsonl" : format);
  return [...new Set(lines)];
}

/** @param execution Tells the execution that writes from others that may still write. */
export async function writeExportFile(
  { folder, format, parts, execution, signal }: {
    folder: string;
    format: ExportFormat;
    parts: readonly string[];
    execution: number;
    signal: AbortSignal;
  },
): Promise<ExportFile> {
  const name = exportFileNames[format];
  const path = `${folder}/${name}`;
  const unfinished = `${folder}/part-whole.${execution}.${name}`;
  const lines = format === "parquet" ? "jsonl" : format;
  const bytes = untilAborted(bytesOfParts(folder, lines, parts), signal);
  if (format === "parquet") await writeParquet(unfinished, conversationsIn(bytes));
  else await Deno.writeFile(unfinished, ReadableStream.from(bytes));
  using file = await Deno.open(unfinished, { write: true });
  await file.sync();
  await Deno.rename(unfinished, path);
  return { format, name, bytes: (await Deno.stat(path)).size };
}

async function* untilAborted(
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    yield chunk;
  }
}

async function* conversationsIn(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<ExportedConversation> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}
