import assert from "node:assert/strict";
import type { OperationCount } from "../../events/contract/operations.ts";
import { choicesOf, countOf, filterSearch, isNarrowed, parseFilter } from "./turn_filter.js";

const counts: OperationCount[] = [
  { status: "failed", errorClass: "overloaded", model: "a", provider: "p", turns: 3 },
  { status: "failed", errorClass: "refused", model: "a", provider: "p", turns: 5 },
  { status: "failed", errorClass: "refused", model: "b", provider: "q", turns: 1 },
  { status: "live", errorClass: "", model: "", provider: "", turns: 7 },
];

Deno.test("an address names the filter, and failed turns where it names none", () => {
  const filter = parseFilter(new URLSearchParams("status=waiting&model=a&errorClass="));
  assert.deepEqual(filter, { status: "waiting", model: "a" });
  assert.equal(filterSearch(filter).toString(), "status=waiting&model=a");
  const plain = parseFilter(new URLSearchParams("status=made-up"));
  assert.deepEqual(plain, { status: "failed" });
  assert.equal(filterSearch(plain).toString(), "");
  assert.equal(isNarrowed(plain), false);
  assert.equal(isNarrowed(filter), true);
});

Deno.test("turns are counted as the filter shows them", () => {
  assert.equal(countOf(counts, { status: "failed" }), 9);
  assert.equal(countOf(counts, { status: "failed", errorClass: "refused", model: "a" }), 5);
  assert.equal(countOf(counts, { status: "live" }), 7);
});

Deno.test("what can be chosen comes with its count within the rest of the filter", () => {
  assert.deepEqual(choicesOf(counts, { status: "failed", model: "a" }, "errorClass"), [
    { value: "refused", turns: 5 },
    { value: "overloaded", turns: 3 },
  ]);
  assert.deepEqual(choicesOf(counts, { status: "live" }, "model"), []);
});
