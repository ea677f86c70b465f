/** What `deno task test` tells the tests of its engines: the only file of tests here that reads the environment. */
import { z } from "zod";
import { readSettings } from "../../events/read_settings.ts";

/** @throws SettingsError where a test was started without it. */
export function readTestVariable(name: "TURNLOG_CHDB" | "CLICKHOUSE_URL"): string {
  const schema = z.object({ [name]: z.string("is set by deno task test: use that") });
  return readSettings(schema, Deno.env.toObject())[name];
}
