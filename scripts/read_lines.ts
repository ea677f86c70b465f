/** Reads what a process prints, line by line. */

/** A longer line is given in parts of this length, in characters. */
const lineLengthMax = 16_384;

/** @returns The lines without their ends; a last one without an end counts too. */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as TextTransform)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
    while (rest.length > lineLengthMax) {
      yield rest.slice(0, lineLengthMax);
      rest = rest.slice(lineLengthMax);
    }
  }
  if (rest !== "") yield rest;
}

/** The type of a TextDecoderStream as `pipeThrough` takes it. */
type TextTransform = ReadableWritablePair<string, Uint8Array>;
