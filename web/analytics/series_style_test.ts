import assert from "node:assert/strict";
import { styleOf } from "./series_style.js";

Deno.test("a name keeps its colour, and the next names get others", () => {
  const first = styleOf("llama");
  assert.notEqual(styleOf("claude").color, first.color);
  assert.deepEqual(styleOf("llama"), first);
});

Deno.test("sixteen names differ in colour or in shape", () => {
  const styles = Array.from({ length: 16 }, (_, index) => styleOf(`model ${index}`));
  const different = new Set(styles.map(({ color, shape }) => `${color} ${shape % 8}`));
  assert.equal(different.size, 16);
});

Deno.test("a failure looks like one in every chart", () => {
  assert.equal(styleOf("Failed").color, "--danger");
});
