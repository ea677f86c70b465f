import assert from "node:assert/strict";
import { FlagsError } from "../task.ts";
import { readFlags, usage } from "./flags.ts";

function refused(args: string[], message: RegExp): void {
  assert.throws(
    () => readFlags(args),
    (error) => error instanceof FlagsError && message.test(error.message),
    args.join(" "),
  );
}

Deno.test("flags become the request that the api takes", () => {
  const args = [
    ...["--from", "7d", "--to", "1d", "--model", "gpt-luna", "--id", "luna"],
    ...["--system-prompt-file", "brief.txt", "--share", "0.1", "--limit", "30"],
    ...["--per-minute", "120", "--concurrency", "8"],
    ...["--only-route", "default", "--only-model", "demo", "--only-conversation", "c"],
  ];
  assert.deepEqual(readFlags(args, (path) => `Answer as ${path} says.\n`), {
    type: "start",
    request: {
      from: "7d",
      to: "1d",
      model: "gpt-luna",
      id: "luna",
      systemPrompt: "Answer as brief.txt says.",
      share: 0.1,
      limit: 30,
      turnsPerMinute: 120,
      concurrency: 8,
      onlyRoute: "default",
      onlyModel: "demo",
      onlyConversation: "c",
    },
  });
});

Deno.test("a wrong flag is named, with what was found and what may stand there", () => {
  refused([], /^Name the turns: --from 7d/);
  refused(["--from", "soon"], /^--from: must be a time such as .* \(found soon\)$/);
  refused(["--from", "7d", "--limit", "many"], /^--limit: must be a number \(found many\)$/);
  refused(["--from", "7d", "--limit", "1.5"], /^--limit: .*\(found 1\.5\)$/);
  refused(["--from", "7d", "--share", "0"], /^--share: must be above 0 \(found 0\)$/);
  refused(["--from", "7d", "--per-minute", "1e9"], /^--per-minute: .*6000.*\(found 1000000000\)$/);
  refused(["--from", "7d", "--id", "a b"], /^--id: .*letters, digits.*\(found a b\)$/);
  refused(["--from", "7d", "--speed", "9"], /--speed/);
  refused(
    ["--from", "7d", "--system-prompt-file", "/no/such"],
    /^--system-prompt-file: \/no\/such/,
  );
});

Deno.test("a backtest is stopped by its name alone", () => {
  assert.deepEqual(readFlags(["--stop", "luna"]), { type: "stop", id: "luna" });
  refused(["--stop", "luna", "--from", "7d"], /--stop stands alone: leave out --from/);
  refused(["--stop", "a/b"], /^--stop: .*\(found a\/b\)$/);
});

Deno.test("the usage tells every flag", () => {
  for (const flag of ["from", "to", "model", "share", "limit", "per-minute", "id", "stop"]) {
    assert.match(usage, new RegExp(`--${flag} `));
  }
});
