import assert from "node:assert/strict";
import { sourceFiles } from "./source_files.ts";

Deno.test(".env.example lists every setting", () => {
  const example = Deno.readTextFileSync(".env.example");
  const listed = new Set(example.match(/^#?[A-Z_]+(?==)/gm)!.map((name) => name.replace("#", "")));
  const files = sourceFiles(".").filter((file) =>
    /(^|\/)config\.ts$|^events\/read_settings\.ts$/.test(file)
  );
  // A setting is a key of a schema, in capitals, on a line of its own.
  const settings = files.flatMap((file) =>
    [
      ...Deno.readTextFileSync(file).matchAll(/^ {2}([A-Z]+_[A-Z_]+):/gm),
    ].map(([, name]) => name)
  );
  assert.ok(settings.length > 20);
  assert.deepEqual(settings.filter((name) => !listed.has(name)), []);
});
