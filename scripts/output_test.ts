import assert from "node:assert/strict";
import { formatDuration, plainOutput, terminalOutput } from "./output.ts";

Deno.test("in a file each step has a line for what it does and one for its end", () => {
  const lines: string[] = [];
  const output = plainOutput((line) => lines.push(line));
  const step = output.step("Kafka");
  step.says("downloading");
  step.detail("1 of 44 MB");
  step.says("downloading");
  output.line("a line between");
  step.done("ready");
  output.close();
  assert.deepEqual(lines, [
    "  Kafka        downloading",
    "a line between",
    "  Kafka        ready (0.0 s)",
  ]);
});

Deno.test("a long step is mentioned again in a file, with how far it is", async () => {
  const mentioned = Promise.withResolvers<string>();
  const output = plainOutput((line) => line.includes("MB") && mentioned.resolve(line), 10);
  const step = output.step("Kafka");
  step.says("downloading");
  step.detail("12 of 44 MB");
  assert.match(await mentioned.promise, /^ {2}Kafka {8}downloading: 12 of 44 MB \(0\.\d s\)$/);
  output.close();
});

/** What stands on a screen after this was written to it, for the two movements that are used. */
function screenAfter(written: string): string[] {
  let lines = [""];
  // deno-lint-ignore no-control-regex -- the two movements
  for (const [, up, text] of written.matchAll(/\x1b\[(\d+)A\x1b\[0J|([^\x1b])/g)) {
    if (up !== undefined) lines = [...lines.slice(0, lines.length - 1 - Number(up)), ""];
    else if (text === "\n") lines.push("");
    else lines[lines.length - 1] += text;
  }
  return lines.filter((line) => line !== "");
}

Deno.test("on a terminal the steps stay at the foot, and leave one line each", () => {
  let written = "";
  const output = terminalOutput({ write: (text) => written += text, columns: () => 80 });
  const kafka = output.step("Kafka");
  const temporal = output.step("Temporal");
  kafka.says("downloading");
  temporal.says("building");
  output.line("a warning");
  assert.deepEqual(screenAfter(written), [
    "a warning",
    "  Kafka        downloading (0.0 s)",
    "  Temporal     building (0.0 s)",
  ]);
  kafka.done("ready");
  temporal.failed();
  output.close();
  assert.deepEqual(screenAfter(written), ["a warning", "  Kafka        ready (0.0 s)"]);
});

Deno.test("a step that is wider than the terminal is cut, so that it takes one row", () => {
  let written = "";
  const output = terminalOutput({ write: (text) => written += text, columns: () => 20 });
  output.step("Kafka").says("x".repeat(100));
  output.close();
  assert.ok(screenAfter(written).every((line) => line.length < 20));
});

Deno.test("durations are written as people say them", () => {
  assert.deepEqual([420, 9_940, 9_960, 59_400, 59_600, 185_000].map(formatDuration), [
    "0.4 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min 0 s",
    "3 min 5 s",
  ]);
});
