import assert from "node:assert/strict";
import type { AnalystTable } from "../../../events/contract/api.ts";
import { columnsIn, readingOf } from "./complete.js";

const tables: AnalystTable[] = [
  {
    name: "events",
    kind: "table",
    description: "Every event",
    columns: [{ name: "event_id", type: "UUID", description: "Unique" }],
    parameters: [],
  },
  {
    name: "turns_over_time",
    kind: "view",
    description: "",
    columns: [{ name: "turns", type: "UInt64", description: "" }],
    parameters: [
      { name: "from", type: "DateTime64(3)" },
      { name: "bucket", type: "UInt32" },
      { name: "model", type: "String" },
      { name: "depth", type: "UInt8" },
    ],
  },
];

Deno.test("a view is offered with its parameters, each with a value to begin with", () => {
  assert.equal(readingOf(tables[0]), "events");
  assert.equal(
    readingOf(tables[1]),
    "turns_over_time(from = now() - INTERVAL 1 DAY, bucket = 3600, model = '', depth = 0)",
  );
});

Deno.test("the columns of the tables that a query names are offered, of all while it names none", () => {
  const labels = (sql: string) => columnsIn(sql, tables).map(({ label }) => label);
  assert.deepEqual(labels("SELECT "), ["event_id", "turns"]);
  assert.deepEqual(labels("SELECT  FROM events"), ["event_id"]);
  assert.deepEqual(labels("SELECT  FROM turns_over_time(from = now())"), ["turns"]);
});
