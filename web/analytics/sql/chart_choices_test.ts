import assert from "node:assert/strict";
import { chartChoices } from "./chart_choices.js";

const column = (name: string, type: string) => ({ name, type });
const rows = [{}];

Deno.test("a result with a time and a number is drawn over time, split by what is a name", () => {
  const columns = [
    column("hour", "DateTime('UTC')"),
    column("model", "LowCardinality(Nullable(String))"),
    column("turns", "UInt64"),
    column("usd", "Nullable(Decimal(18, 12))"),
    column("list", "Array(UInt8)"),
  ];
  assert.deepEqual(chartChoices({ columns, rows }), {
    time: "hour",
    labels: ["model"],
    values: ["turns", "usd"],
  });
});

Deno.test("names and numbers without a time are bars; what is neither is not drawn", () => {
  const named = [column("model", "String"), column("turns", "UInt64")];
  assert.equal(chartChoices({ columns: named, rows })?.time, null);
  assert.equal(chartChoices({ columns: named, rows: [] }), null);
  assert.equal(chartChoices({ columns: [column("turns", "UInt64")], rows }), null);
  assert.equal(chartChoices({ columns: [column("at", "Date")], rows }), null);
});
