import assert from "node:assert/strict";
import { chooseTests, needsEngines } from "./choose_tests.ts";

const tests = ["analytics/insert_engine_test.ts", "events/relay_test.ts", "tests/turn_test.ts"];

Deno.test("without a wish all tests run", () => {
  assert.deepEqual(chooseTests(tests, []), { files: tests, filter: undefined });
});

Deno.test("a file or a folder chooses its tests", () => {
  assert.deepEqual(chooseTests(tests, ["events/"]).files, ["events/relay_test.ts"]);
  assert.deepEqual(chooseTests(tests, ["./tests/turn_test.ts"]).files, ["tests/turn_test.ts"]);
});

Deno.test("what is in no path is a part of the tests' names", () => {
  assert.deepEqual(chooseTests(tests, ["tests/", "nothing is lost"]), {
    files: ["tests/turn_test.ts"],
    filter: "nothing is lost",
  });
});

Deno.test("tests beside their sources need no engines unless their names say so", () => {
  assert.deepEqual(tests.map(needsEngines), [true, false, true]);
});
