import assert from "node:assert/strict";
import { changeOf } from "./figure_change.js";

Deno.test("a change is told in percent, with what it was", () => {
  assert.equal(changeOf(1232, 1100, "count"), "+12% from 1,100");
  assert.equal(changeOf(300, 400, "ms"), "−25% from 400 ms");
  assert.equal(changeOf(1001, 1000, "count"), "±0% from 1,000");
});

Deno.test("a share changes by points", () => {
  assert.equal(changeOf(0.982, 0.97, "ratio"), "+1.2 points from 97%");
  assert.equal(changeOf(0.5, 0.75, "ratio"), "−25 points from 75%");
});

Deno.test("what cannot be compared is not", () => {
  assert.equal(changeOf(null, 5, "ms"), "");
  assert.equal(changeOf(5, null, "ms"), "none before");
  assert.equal(changeOf(5, 0, "count"), "none before");
  assert.equal(changeOf(0, 0, "count"), "as before");
});
