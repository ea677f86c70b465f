import assert from "node:assert/strict";
import { contentTypeOf, formatClauseOf, mayStream } from "./output_format.ts";

Deno.test("the FORMAT clause is found at the end of a statement, with and without settings", () => {
  assert.equal(formatClauseOf("SELECT 1 FORMAT JSON"), "JSON");
  assert.equal(formatClauseOf("SELECT 1 FORMAT CSV SETTINGS max_threads = 1, x = 'a'"), "CSV");
  assert.equal(formatClauseOf("SELECT 1"), null);
});

Deno.test("a string or a column that looks like the clause is none", () => {
  assert.equal(formatClauseOf("SELECT 'x FORMAT JSON'"), null);
  assert.equal(formatClauseOf("SELECT formatDateTime(now(), 'a FORMAT b') FROM t"), null);
});

Deno.test("a format with a head or a foot of its own is not sent in pieces", () => {
  for (const format of ["JSON", "CSVWithNames", "Parquet", "ArrowStream", "Pretty", "Values"]) {
    assert.equal(mayStream(format), false, format);
  }
  for (const format of ["JSONEachRow", "TabSeparated", "CSV", "RowBinary"]) {
    assert.equal(mayStream(format), true, format);
  }
});

Deno.test("the content type is that of ClickHouse", () => {
  assert.equal(contentTypeOf("JSON"), "application/json; charset=UTF-8");
  assert.equal(contentTypeOf("CSVWithNames"), "text/csv; charset=UTF-8; header=present");
  assert.equal(contentTypeOf("TabSeparated"), "text/tab-separated-values; charset=UTF-8");
  assert.equal(contentTypeOf("Parquet"), "application/octet-stream");
});
