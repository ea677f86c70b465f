/** Recorded histories of every released version replay with the workflow code as it is now. */
import { Worker } from "@temporalio/worker";
import { historyFromJSON } from "@temporalio/common/lib/proto-utils.js";
import assert from "node:assert/strict";
import { loggerOf } from "../events/logging.ts";
import { installTemporalRuntime } from "../events/temporal_runtime.ts";
import { writeWorkflowBundle } from "../workflows/bundle.ts";

const histories = new URL("histories/", import.meta.url);

interface Recording {
  name: string;
  // deno-lint-ignore no-explicit-any -- JSON of Temporal's
  json: any;
}

function recordings(): Recording[] {
  return [...Deno.readDirSync(histories)].flatMap((version) =>
    [...Deno.readDirSync(new URL(`${version.name}/`, histories))].map(({ name }) => ({
      name: `${version.name}/${name}`,
      json: JSON.parse(Deno.readTextFileSync(new URL(`${version.name}/${name}`, histories))),
    }))
  );
}

async function withBundle(run: (codePath: string) => Promise<void>): Promise<void> {
  const codePath = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await writeWorkflowBundle(codePath);
    await run(codePath);
  } finally {
    await Deno.remove(codePath);
  }
}

// What Temporal logs of a replay is of interest to nobody: no logging is set up here.
installTemporalRuntime(loggerOf("replay"));

// The native runtime stays for other tests of this process.
const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("every recorded history replays", options, () =>
  withBundle(async (codePath) => {
    const all = recordings();
    assert(all.length >= 27);
    for (const { name, json } of all) {
      await Worker.runReplayHistory(
        { workflowBundle: { codePath } },
        historyFromJSON(json),
        `replay/${name}`,
      );
    }
  }));

Deno.test(
  "a history that the code would not have made is found out",
  options,
  () =>
    withBundle(async (codePath) => {
      const called = '"name":"callModel"';
      const texts = recordings().map(({ json }) => JSON.stringify(json));
      const text = texts.find((text) => text.includes(called))!
        .replaceAll(called, '"name":"callSomething"');
      await assert.rejects(
        Worker.runReplayHistory(
          { workflowBundle: { codePath } },
          historyFromJSON(JSON.parse(text)),
          "replay/changed",
        ),
        /Nondeterminism|determinism/,
      );
    }),
);
