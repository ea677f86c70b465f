import assert from "node:assert/strict";
import { FlagsError, parseFlags, requireKnown } from "./task.ts";

Deno.test("arguments that a task does not know are refused in a sentence", () => {
  const options = { port: { type: "string" } } as const;
  assert.equal(parseFlags({ args: ["--port", "1"], options }).values.port, "1");
  const refused = (args: string[], message: RegExp) =>
    assert.throws(
      () => parseFlags({ args, options, allowPositionals: args[0] === "any" }),
      (error) => error instanceof FlagsError && message.test(error.message),
    );
  refused(["--speed", "9"], /^Unknown option '--speed'$/);
  refused(["any", "--speed", "9"], /^Unknown option '--speed'$/);
  refused(["fast"], /^Unexpected argument 'fast'/);
  refused(["--port"], /--port/);
});

Deno.test("names that are not known are told beside those that are", () => {
  requireKnown(["lag"], ["lag", "turn"], "measure");
  assert.throws(
    () => requireKnown(["lag", "speed"], ["lag", "turn"], "measure"),
    new FlagsError("Cannot measure speed: there are lag, turn"),
  );
});
