/**
 * The parts of an export: what one page of conversations gives, a file for each kind of line. A part has the name of the
 * execution that wrote it, and only parts that the workflow was told of are joined. So a page that is read again, because
 * its worker died or was given up too early, is exported once.
 */
import { exportFileNames, type ExportFormat } from "../../events/contract/export_files.ts";

/** The lines that are written while conversations are read; Parquet is made of those of conversations. */
export const lineFormats = ["jsonl", "fine-tuning"] as const satisfies ExportFormat[];
export type LineFormat = typeof lineFormats[number];

/** Lines gather up to about so many characters before they are written. */
const gatheredLengthMax = 256 * 1024;

/** Writes the files of a part. */
export class PartWriter implements AsyncDisposable {
  readonly #files: Map<LineFormat, Deno.FsFile>;
  readonly #gathered = new Map<LineFormat, string>();
  readonly #encoder = new TextEncoder();
  /** Of all files together, in characters. */
  length = 0;

  private constructor(files: Map<LineFormat, Deno.FsFile>) {
    this.#files = files;
  }

  static async open(folder: string, part: string, formats: readonly LineFormat[]) {
    const options = { write: true, create: true, truncate: true };
    const files = new Map<LineFormat, Deno.FsFile>();
    for (const format of formats) {
      files.set(format, await Deno.open(partPath(folder, format, part), options));
    }
    return new PartWriter(files);
  }

  async write(format: LineFormat, line: unknown): Promise<void> {
    const text = JSON.stringify(line) + "\n";
    this.length += text.length;
    const gathered = (this.#gathered.get(format) ?? "") + text;
    this.#gathered.set(format, gathered);
    if (gathered.length >= gatheredLengthMax) await this.#flush(format);
  }

  /** Resolves when all of the part is on the disk. */
  async finish(): Promise<void> {
    for (const [format, file] of this.#files) {
      await this.#flush(format);
      await file.sync();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files.values()) await file[Symbol.dispose]();
  }

  async #flush(format: LineFormat): Promise<void> {
    const bytes = this.#encoder.encode(this.#gathered.get(format));
    this.#gathered.delete(format);
    for (let written = 0; written < bytes.length;) {
      written += await this.#files.get(format)!.write(bytes.subarray(written));
    }
  }
}

/** @param part Tells it from the others, and from what other executions wrote of the same page. */
export function partPath(folder: string, format: LineFormat, part: string): string {
  return `${folder}/part-${part}.${exportFileNames[format]}`;
}

/** Removes all parts, also those that nobody was told of. */
export async function removeParts(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("part-")) await Deno.remove(`${folder}/${name}`);
  }
}

/** @returns The bytes of all parts, one after the other. */
export async function* bytesOfParts(
  folder: string,
  format: LineFormat,
  parts: readonly string[],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const part of parts) {
    const file = await Deno.open(partPath(folder, format, part));
    yield* file.readable;
  }
}
