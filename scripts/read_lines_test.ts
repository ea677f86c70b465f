import assert from "node:assert/strict";
import { readLines } from "./read_lines.ts";

async function linesOf(...chunks: string[]): Promise<string[]> {
  const encoder = new TextEncoder();
  const stream = ReadableStream.from(chunks.map((chunk) => encoder.encode(chunk)));
  return await Array.fromAsync(readLines(stream));
}

Deno.test("lines are put together from whatever pieces they come in", async () => {
  assert.deepEqual(await linesOf("one\ntw", "o\r\nthr", "ee"), ["one", "two", "three"]);
});

Deno.test("empty lines count, the end after the last line does not", async () => {
  assert.deepEqual(await linesOf("one\n\ntwo\n"), ["one", "", "two"]);
});

Deno.test("a character that is cut in two comes out whole", async () => {
  const bytes = new TextEncoder().encode("é\n");
  const stream = ReadableStream.from([bytes.slice(0, 1), bytes.slice(1)]);
  assert.deepEqual(await Array.fromAsync(readLines(stream)), ["é"]);
});

Deno.test("a line without an end does not grow for ever", async () => {
  const lines = await linesOf(..."x".repeat(50).split("").map((letter) => letter.repeat(1000)));
  assert.deepEqual(lines.map(({ length }) => length), [16_384, 16_384, 16_384, 848]);
});
