import assert from "node:assert/strict";
import { appendText } from "./append_text.ts";

Deno.test("pieces of any length become the whole text", () => {
  const pieces = ["", "a", "é".repeat(3000), "", "b".repeat(2047), "c", "😀"];
  assert.equal(pieces.reduce(appendText, ""), pieces.join(""));
});
