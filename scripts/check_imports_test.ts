import assert from "node:assert/strict";
import { importProblems } from "./check_imports.ts";
import { type ImportGraph, readImportGraph } from "./import_graph.ts";

/** @param files Path → what it imports, with `type ` before an import of types only; or its code. */
function graphOf(
  files: Record<string, string[]>,
  code: Record<string, string> = {},
): ImportGraph {
  return {
    code: new Map(Object.keys({ ...files, ...code }).map((file) => [file, code[file] ?? ""])),
    imports: Object.entries(files).flatMap(([from, targets]) =>
      targets.map((to) => ({
        from,
        to: to.replace(/^type /, ""),
        isTypeOnly: to.startsWith("type "),
      }))
    ),
  };
}

function assertOneProblem(graph: ImportGraph, expected: RegExp): void {
  const problems = importProblems(graph);
  assert.equal(problems.length, 1, problems.join("\n"));
  assert.match(problems[0], expected);
}

Deno.test("imports along the design's table are fine", () => {
  const graph = graphOf({
    "events/relay.ts": ["events/logging.ts", "npm-package"],
    "events/logging.ts": [],
    "events/contract/event.ts": [],
    "api/main.ts": ["events/relay.ts", "api/routes/turns.ts"],
    "api/routes/turns.ts": ["zod"],
    "web/app.js": ["events/contract/event.ts", "preact"],
    "scripts/start.ts": ["api/main.ts"],
    "tests/start_test.ts": ["scripts/start.ts"],
  });
  assert.deepEqual(importProblems(graph), []);
});

Deno.test("a folder that imports another one than it may is caught", () => {
  assertOneProblem(
    graphOf({ "api/app.ts": ["workflows/worker.ts"], "workflows/worker.ts": [] }),
    /api\/app\.ts imports workflows\/worker\.ts: api\/ may import only events\//,
  );
  assertOneProblem(
    graphOf({ "events/relay.ts": ["api/main.ts"], "api/main.ts": [] }),
    /may import nothing of ours/,
  );
  assertOneProblem(graphOf({ "web/app.js": ["events/relay.ts"], "events/relay.ts": [] }), /web/);
});

Deno.test("an import of types only is held to the table too", () => {
  assertOneProblem(
    graphOf({ "api/app.ts": ["type workflows/worker.ts"], "workflows/worker.ts": [] }),
    /api\/app\.ts/,
  );
});

Deno.test("nothing imports scripts or tests", () => {
  assertOneProblem(
    graphOf({ "api/main.ts": ["scripts/ports.ts"], "scripts/ports.ts": [] }),
    /scripts\/ports\.ts/,
  );
  assertOneProblem(
    graphOf({ "scripts/start.ts": ["tests/help.ts"], "tests/help.ts": [] }),
    /tests\/help\.ts/,
  );
});

Deno.test("only the entry of the api reaches into workflows", () => {
  const worker = { "workflows/worker.ts": [] };
  assert.deepEqual(
    importProblems(graphOf({ "api/main.ts": ["workflows/worker.ts"], ...worker })),
    [],
  );
  assertOneProblem(
    graphOf({ "api/app.ts": ["workflows/worker.ts"], ...worker }),
    /api\/app\.ts imports workflows\/worker\.ts/,
  );
});

Deno.test("a cycle is caught and shown", () => {
  assertOneProblem(
    graphOf({
      "events/a.ts": ["events/b.ts"],
      "events/b.ts": ["type events/c.ts"],
      "events/c.ts": ["events/a.ts"],
    }),
    /events\/a\.ts → events\/b\.ts → events\/c\.ts → events\/a\.ts/,
  );
});

Deno.test("the contract has no packages and no Deno", () => {
  assertOneProblem(graphOf({ "events/contract/event.ts": ["zod"] }), /imports zod/);
  assertOneProblem(graphOf({ "events/contract/event.ts": ["node:fs"] }), /imports node:fs/);
  assertOneProblem(
    graphOf({}, { "events/contract/event.ts": "Deno.readTextFileSync(path);" }),
    /uses Deno/,
  );
});

Deno.test("what the workflow loads, by whatever way, is held to its sandbox", () => {
  assert.deepEqual(
    importProblems(graphOf({
      "workflows/workflows.ts": [
        "@temporalio/workflow",
        "workflows/failure_policy.ts",
        "type workflows/activities.ts",
      ],
      "workflows/failure_policy.ts": ["events/contract/failure.ts"],
      "workflows/activities.ts": ["node:fs"],
      "events/contract/failure.ts": [],
    })),
    [],
  );
  assertOneProblem(
    graphOf({
      "workflows/workflows.ts": ["workflows/failure_policy.ts"],
      "workflows/failure_policy.ts": ["node:fs"],
    }),
    /failure_policy\.ts imports node:fs: workflows\/workflows\.ts loads it/,
  );
});

Deno.test("only a config.ts and tests read the environment", () => {
  const code = 'const key = Deno.env.get("KEY");';
  assertOneProblem(graphOf({}, { "api/access.ts": code }), /api\/access\.ts reads the environment/);
  assert.deepEqual(
    importProblems(
      graphOf({}, { "api/config.ts": code, "tests/turn_test.ts": code, "api/x_test.ts": code }),
    ),
    [],
  );
});

Deno.test("the graph is what Deno sees in the files", async () => {
  const root = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${root}/deno.json`, "{}");
    Deno.mkdirSync(`${root}/events`);
    Deno.mkdirSync(`${root}/api`);
    Deno.writeTextFileSync(
      `${root}/events/a.ts`,
      "export type A = 1; export const a = 1; // Deno.x",
    );
    Deno.writeTextFileSync(
      `${root}/api/b.ts`,
      'import type { A } from "../events/a.ts";\nimport "node:fs";\nexport const b: A = 1;',
    );
    const { code, imports } = await readImportGraph(root, ["api/b.ts", "events/a.ts"]);
    assert.deepEqual(imports, [
      { from: "api/b.ts", to: "events/a.ts", isTypeOnly: true },
      { from: "api/b.ts", to: "node:fs", isTypeOnly: false },
    ]);
    assert.ok(!code.get("events/a.ts")!.includes("Deno"));
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});
