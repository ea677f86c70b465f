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

Deno.test("flags become the request that the api takes, and a folder for the files", () => {
  const args = [
    ...["--from", "30d", "--to", "1d", "--format", "jsonl", "--format", "parquet"],
    ...["--model", "llama", "--rating", "up", "--user", "5f2b", "--tenant", "default"],
    ...["--all", "--keep-days", "2", "--id", "liked", "--to-folder", "out"],
  ];
  assert.deepEqual(readFlags(args), {
    type: "start",
    folder: "out",
    request: {
      from: "30d",
      to: "1d",
      formats: ["jsonl", "parquet"],
      model: "llama",
      rating: "up",
      userKey: "5f2b",
      tenant: "default",
      completedOnly: false,
      keepDays: 2,
      id: "liked",
    },
  });
});

Deno.test("a wrong flag is named, with what was found", () => {
  refused([], /^Name the turns: --from 30d/);
  refused(["--from", "soon"], /^--from: must be a time such as .* \(found soon\)$/);
  refused(["--from", "7d", "--format", "csv"], /^--format: .*parquet.*\(found csv\)$/);
  refused(["--from", "7d", "--rating", "best"], /^--rating: .*\(found best\)$/);
  refused(["--from", "7d", "--keep-days", "long"], /^--keep-days: .*\(found NaN\)$/);
  refused(["--from", "7d", "--id", "../e"], /^--id: .*letters, digits.*\(found \.\.\/e\)$/);
  refused(["--from", "7d", "--speed", "9"], /--speed/);
  refused(["--stop", "a/b"], /^--stop: a\/b names no export$/);
});

Deno.test("the usage tells every flag", () => {
  for (const flag of ["from", "to", "format", "model", "rating", "all", "keep-days", "stop"]) {
    assert.match(usage, new RegExp(`--${flag} `));
  }
  assert.deepEqual(readFlags(["--stop", "liked"]), { type: "stop", id: "liked" });
});
