import assert from "node:assert/strict";
import { readerLimits } from "../reader_limits.ts";
import { readerSettings, writerSettings } from "./user_settings.ts";

Deno.test("a reader may lower a limit, and not raise it or take it away", () => {
  const settings = readerSettings({
    max_execution_time: "5",
    max_memory_usage: "999999999999",
    max_result_rows: "0",
  });
  assert.equal(settings.max_execution_time, 5);
  assert.equal(settings.max_memory_usage, readerLimits.max_memory_usage);
  assert.equal(settings.max_result_rows, readerLimits.max_result_rows);
});

Deno.test("a limit that is no number is refused", () => {
  for (const value of ["x", "-1", "NaN"]) {
    assert.throws(() => readerSettings({ max_execution_time: value }), { code: 36 }, value);
  }
});

Deno.test("a reader may choose how the result is written", () => {
  const settings = readerSettings({
    output_format_json_quote_64bit_integers: "1",
    date_time_output_format: "iso",
    readonly: "1",
  });
  assert.equal(settings.output_format_json_quote_64bit_integers, "1");
  assert.equal(settings.date_time_output_format, "iso");
  assert.equal("readonly" in settings, false);
});

Deno.test("any other setting of a reader is refused as ClickHouse does for a user who may only read", () => {
  for (
    const name of ["readonly", "format_schema", "allow_introspection_functions", "log_comment"]
  ) {
    assert.throws(() => readerSettings({ [name]: "0" }), {
      code: 164,
      message:
        `Code: 164. DB::Exception: Cannot modify '${name}' setting in readonly mode. (READONLY)`,
    });
  }
});

Deno.test("a writer may set anything", () => {
  assert.equal(writerSettings({ async_insert: "1" }).async_insert, "1");
  assert.equal(writerSettings({}).async_insert, 0);
});
