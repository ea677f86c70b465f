import assert from "node:assert/strict";
import { markSeams, seamMark } from "./seam.js";

const show = (text: string, seams: number[]) => markSeams(text, seams).replaceAll(seamMark, "¦");

Deno.test("a seam in the middle of a word is marked there", () => {
  assert.equal(show("hello world", [8]), "hello wo¦rld");
});

Deno.test("a seam before a list item is marked at the end of the line before", () => {
  assert.equal(show("one two\n- three", [8]), "one two¦\n- three");
});

Deno.test("a seam behind a table's rule is marked in its heading", () => {
  assert.equal(show("| a | b |\n| - | - |\n| 1 |", [20]), "| a | b¦ |\n| - | - |\n| 1 |");
});

Deno.test("several seams keep their places", () => {
  assert.equal(show("abcdef", [2, 4]), "ab¦cd¦ef");
});

Deno.test("a text without seams, or with one before its first word, stays as it is", () => {
  assert.equal(show("abc", []), "abc");
  assert.equal(show("**abc", [2]), "**abc");
});
