import assert from "node:assert/strict";
import { sortRows } from "./sort_rows.js";

const columns = [{ name: "cost", type: "Nullable(Float64)" }, { name: "model", type: "String" }];
const rows = [
  { cost: "9", model: "b" },
  { cost: null, model: "a" },
  { cost: 10, model: "" },
  { cost: 9, model: "c" },
];
const by = (column: string, isDescending: boolean) =>
  sortRows(rows, columns, { column, isDescending }).map(({ cost, model }) => `${cost} ${model}`);

Deno.test("numbers are sorted as numbers, and those without one come last either way", () => {
  assert.deepEqual(by("cost", true), ["10 ", "9 b", "9 c", "null a"]);
  assert.deepEqual(by("cost", false), ["9 b", "9 c", "10 ", "null a"]);
});

Deno.test("texts are sorted as texts", () => {
  assert.deepEqual(by("model", false), ["null a", "9 b", "9 c", "10 "]);
});
