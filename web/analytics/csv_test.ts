import assert from "node:assert/strict";
import { toCsv } from "./csv.js";

function csv(...values: unknown[]) {
  return toCsv({ columns: [{ name: "a", type: "String" }], rows: values.map((a) => ({ a })) });
}

Deno.test("a line of names comes first, and nothing is an empty cell", () => {
  assert.equal(csv("x", null), "a\r\nx\r\n\r\n");
});

Deno.test("commas, quotes and line ends are quoted", () => {
  assert.equal(csv('a "b", c\nd'), 'a\r\n"a ""b"", c\nd"\r\n');
});

Deno.test("text that a spreadsheet would run is made harmless, numbers stay", () => {
  assert.equal(csv("=1+1", "@x", -3, "-4.5", "+x"), "a\r\n'=1+1\r\n'@x\r\n-3\r\n-4.5\r\n'+x\r\n");
});

Deno.test("maps are written as JSON", () => {
  assert.equal(csv({ tone: "brief" }), 'a\r\n"{""tone"":""brief""}"\r\n');
});
