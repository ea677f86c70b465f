import assert from "node:assert/strict";
import { readCounts, runTests } from "./run_tests.ts";

Deno.test("the last line of deno test is read, whatever its colours", () => {
  assert.deepEqual(
    readCounts("\x1b[31mFAILED\x1b[0m | 12 passed (3 steps) | 2 failed | 1 ignored \x1b[38m(90ms)"),
    { passed: 12, failed: 2, skipped: 1 },
  );
  assert.deepEqual(readCounts("ok | 3 passed | 0 failed (1s)"), {
    passed: 3,
    failed: 0,
    skipped: 0,
  });
  assert.equal(readCounts("3 passed"), null);
});

async function countsOf(code: string): Promise<unknown> {
  const folder = Deno.makeTempDirSync();
  const log = console.log;
  console.log = () => {};
  try {
    const file = `${folder}/some_test.ts`;
    Deno.writeTextFileSync(file, code);
    const { signal } = new AbortController();
    const environment = Deno.env.toObject();
    return await runTests({ files: [file], filter: undefined, environment, signal });
  } finally {
    console.log = log;
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("tests that pass, fail and are skipped are counted", async () => {
  const code = `
    Deno.test("good", () => {});
    Deno.test("bad", () => { throw new Error("no"); });
    Deno.test({ name: "none", ignore: true, fn() {} });
  `;
  assert.deepEqual(await countsOf(code), { passed: 1, failed: 1, skipped: 1 });
});

Deno.test("a run that breaks off has failed", async () => {
  assert.deepEqual(await countsOf(`Deno.test("exits", () => Deno.kill(Deno.pid, "SIGKILL"));`), {
    passed: 0,
    failed: 1,
    skipped: 0,
  });
});
