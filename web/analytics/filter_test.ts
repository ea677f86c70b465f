import assert from "node:assert/strict";
import { filterSearch, parametersOf, parseFilter, questionOf, refreshSecondsOf } from "./filter.js";

const parse = (search: string) => parseFilter(new URLSearchParams(search));
const now = Date.UTC(2026, 10, 23, 12);

Deno.test("a filter survives the address", () => {
  const search = "range=7d&bucket=3600&refresh=30&model=llama&experiment=tone&variant=brief";
  assert.equal(`${filterSearch(parse(search))}`, search);
});

Deno.test("what the address says wrongly, or of nothing, narrows nothing", () => {
  const filter = parse("bucket=7&refresh=1&model=&color=red");
  assert.equal(`${filterSearch(filter)}`, "range=24h");
});

Deno.test("a bucket that is too short for the range is not taken", () => {
  assert.equal(parse("range=24h&bucket=60").bucketSeconds, 60);
  assert.equal(parse("range=90d&bucket=60").bucketSeconds, null);
});

Deno.test("short ranges are fetched anew by themselves, long and fixed ones are not", () => {
  const seconds = (search: string) => refreshSecondsOf(parse(search));
  assert.equal(seconds("range=1h"), 5);
  assert.equal(seconds("range=30d"), 0);
  assert.equal(seconds("from=2026-11-01&to=2026-11-02"), 0);
  assert.equal(seconds("range=1h&refresh=0"), 0);
});

Deno.test("a view is asked by those parameters that it has", () => {
  const question = questionOf(parse("range=1h&bucket=60&model=llama"), now);
  const parameters = (names: string[]) => {
    const view = { parameters: names.map((name) => ({ name, type: "" })) };
    return Object.fromEntries(parametersOf(view, question));
  };
  const range = { from: "2026-11-23T11:00:00.000Z", to: "2026-11-23T12:00:00.000Z" };
  assert.deepEqual(parameters(["from", "to"]), range);
  assert.deepEqual(parameters(["from", "to", "bucket", "model", "variant"]), {
    ...range,
    bucket: "60",
    model: "llama",
  });
});
