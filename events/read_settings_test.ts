import assert from "node:assert/strict";
import { z } from "zod";
import { commonSettings, readSettings } from "./read_settings.ts";

const schema = z.object({ TURNLOG_PAYLOAD_KEYS: commonSettings.TURNLOG_PAYLOAD_KEYS });
const read = (keys: string) => readSettings(schema, { TURNLOG_PAYLOAD_KEYS: keys });
const key = btoa("k".repeat(32));

Deno.test("payload keys are read in their order, and there need be none", () => {
  const { TURNLOG_PAYLOAD_KEYS: keys } = read(`new:${key}, old:${btoa("o".repeat(32))}`);
  assert.deepEqual(keys.map(({ id }) => id), ["new", "old"]);
  assert.equal(new TextDecoder().decode(keys[0].key), "k".repeat(32));
  assert.deepEqual(read("").TURNLOG_PAYLOAD_KEYS, []);
});

Deno.test("payload keys that cannot be used are refused, and not repeated", () => {
  for (const wrong of [key, `a:${btoa("short")}`, `a:${key},a:${key}`, `a b:${key}`, `a:${key},`]) {
    assert.throws(() => read(wrong), (error: unknown) => {
      assert(error instanceof Error);
      assert.match(error.message, /TURNLOG_PAYLOAD_KEYS: must be id:key/);
      assert(!error.message.includes(wrong), "a key is no text for a log");
      return true;
    });
  }
});
