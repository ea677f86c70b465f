import assert from "node:assert/strict";
import {
  evolveExperiment,
  type ExperimentEvent,
  type ExperimentState,
} from "../../events/contract/experiment_state.ts";
import { parseConfig } from "../config_file.ts";
import { ProblemError } from "../problem.ts";
import {
  endExperiment,
  type ExperimentFile,
  startExperiment,
  stopExperiment,
  takeUpFile,
} from "./decide_changes.ts";
import { viewExperiment } from "./experiment_views.ts";

const operator = { by: "session", session: "5f2b7c1e" } as const;

/** A file with these lines under `experiments`. */
function fileOf(...lines: string[]): ExperimentFile {
  const text = `
providers: { simulated: { kind: simulated } }
models: { demo: { provider: simulated } }
routes: { default: { candidates: [demo] } }
experiments:
${lines.map((line) => `  ${line}`).join("\n")}
`;
  return lines.length === 0 ? {} : parseConfig(text, "turnlog.yaml").experiments;
}

const variants = "{ control: { weight: 1 }, brief: { weight: 1, overrides: { model: demo } } }";

function line(name: string, fields = "status: running"): string {
  return `${name}: { ${fields}, goal: thumbs_up_rate, variants: ${variants} }`;
}

function fold(events: readonly ExperimentEvent[], states: ExperimentState[] = []) {
  const byName = new Map(states.map((state) => [state.experiment, state]));
  for (const event of events) {
    const name = event.data.experiment;
    // As the store keeps it.
    const stored = JSON.parse(JSON.stringify(event));
    byName.set(name, evolveExperiment(byName.get(name) ?? null, stored));
  }
  return [...byName.values()];
}

/** What the store has after a file, and what was stated. */
function after(file: ExperimentFile, states: ExperimentState[] = []) {
  const { events, refused } = takeUpFile(states, file);
  return {
    states: fold(events, states),
    stated: events.map(({ type, data }) => `${type} ${data.experiment} ${data.phase} ${data.by}`),
    refused,
  };
}

Deno.test("a running experiment of the file starts once, a draft does not", () => {
  const file = fileOf(line("tone"), line("length", "status: draft"));
  const first = after(file);
  assert.deepEqual(first.stated, ["experiment.started tone 1 file"]);
  assert.deepEqual(after(file, first.states).stated, []);
});

Deno.test("another definition begins a phase, and the order of the variants means nothing", () => {
  const { states } = after(fileOf(line("tone")));
  const reordered = "{ brief: { weight: 1, overrides: { model: demo } }, control: { weight: 1 } }";
  const same = fileOf(`tone: { goal: thumbs_up_rate, variants: ${reordered} }`);
  assert.deepEqual(after(same, states).stated, []);
  const other = fileOf(line("tone").replace("control: { weight: 1 }", "control: { weight: 3 }"));
  const changed = after(other, states);
  assert.deepEqual(changed.stated, ["experiment.changed tone 2 file"]);
  assert.deepEqual(after(other, changed.states).stated, []);
});

Deno.test("one that is gone from the file stops, and stays so when it comes back", () => {
  const { states } = after(fileOf(line("tone")));
  const gone = after(fileOf(), states);
  assert.deepEqual(gone.stated, ["experiment.stopped tone 1 file"]);
  assert.deepEqual(after(fileOf(line("tone")), gone.states).stated, []);
});

Deno.test("an operator starts, stops and ends, each once; what was done so outlasts the file", () => {
  const file = fileOf(line("tone", "status: draft"));
  const started = startExperiment("tone", [], file, operator);
  const running = fold(started);
  assert.deepEqual([started[0].data.by, started[0].data.session], ["session", "5f2b7c1e"]);
  assert.deepEqual(startExperiment("tone", running, file, operator), []);

  const stopped = fold(stopExperiment("tone", running, file, operator), running);
  assert.deepEqual(stopExperiment("tone", stopped, file, operator), []);
  assert.deepEqual(after(fileOf(line("tone")), stopped).stated, []);
  const again = startExperiment("tone", stopped, file, operator);
  assert.deepEqual([again[0].type, again[0].data.phase], ["experiment.started", 1]);

  const ended = fold(endExperiment("tone", "brief", stopped, file, operator), stopped);
  assert.equal(ended[0].winner, "brief");
  assert.deepEqual(endExperiment("tone", "brief", ended, file, operator), []);
  assert.deepEqual(after(fileOf(line("tone", "traffic: 0.5")), ended).stated, []);
});

Deno.test("an experiment that was made up stays so, whoever changes it", () => {
  const file = fileOf(line("tone"));
  const { states } = after(file);
  const seeded = fold(startExperiment("tone", [], file, { by: "seed" }));
  const changes = [
    (of: ExperimentState[]) => stopExperiment("tone", of, {}, operator),
    (of: ExperimentState[]) => startExperiment("tone", of, file, operator),
    (of: ExperimentState[]) => endExperiment("tone", "brief", of, file, operator),
  ];
  const isMadeUp = (of: ExperimentState[]) =>
    viewExperiment({ name: "tone", state: of[0], fileDefinition: null }, null).isMadeUp;
  for (const [of, expected] of [[seeded, true], [states, false]] as const) {
    let changed = of;
    for (const change of changes) {
      changed = fold(change(changed), changed);
      assert.equal(isMadeUp(changed), expected, changed[0].status);
    }
  }
});

Deno.test("an experiment that was changed while it was stopped starts in another phase", () => {
  const file = fileOf(line("tone"));
  const { states } = after(file);
  const stopped = fold(stopExperiment("tone", states, file, operator), states);
  const [event] = startExperiment("tone", stopped, fileOf(line("tone", "traffic: 0.5")), operator);
  assert.deepEqual([event.data.phase, event.data.slots], [2, [[0, 5000]]]);
});

Deno.test("what cannot be done is refused with what can", () => {
  const file = fileOf(line("tone", "status: draft"));
  const { states } = after(fileOf(line("tone")));
  const ended = fold(endExperiment("tone", undefined, states, file, operator), states);
  const cases: [() => unknown, string, RegExp][] = [
    [() => startExperiment("size", [], file, operator), "not-found", /turnlog.yaml defines/],
    [() => stopExperiment("size", [], file, operator), "not-found", /no experiment size/],
    [() => stopExperiment("tone", [], file, operator), "experiment-not-started", /never started/],
    [
      () => endExperiment("tone", "loud", states, file, operator),
      "invalid-request",
      /control, brief/,
    ],
    [() => startExperiment("tone", ended, file, operator), "experiment-ended", /another name/],
    [() => stopExperiment("tone", ended, file, operator), "experiment-ended", /for good/],
    [() => endExperiment("tone", "brief", ended, file, operator), "experiment-ended", /for good/],
  ];
  for (const [act, kind, message] of cases) {
    assert.throws(act, (error) => {
      assert(error instanceof ProblemError);
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("experiments of one layer share its units, and none gets those of another", () => {
  const layered = (name: string, traffic: number) =>
    line(name, `status: running, layer: prompts, traffic: ${traffic}`);
  const { states } = after(fileOf(layered("tone", 0.5), layered("length", 0.5)));
  const slotsOf = (of: ExperimentState[]) =>
    Object.fromEntries(of.map(({ experiment, slots }) => [experiment, slots]));
  assert.deepEqual(slotsOf(states), { tone: [[0, 5000]], length: [[5000, 10_000]] });

  // The one that shrinks is taken up first, whatever the order, so that the other has room to grow.
  const shifted = after(fileOf(layered("tone", 0.7), layered("length", 0.3)), states);
  assert.deepEqual(slotsOf(shifted.states), {
    tone: [[0, 5000], [8000, 10_000]],
    length: [[5000, 8000]],
  });

  const full = after(
    fileOf(layered("tone", 0.5), layered("length", 0.5), layered("size", 0.1)),
    states,
  );
  assert.deepEqual(full.stated, []);
  assert.match(full.refused[0], /size: The layer prompts has 0 % .* asks for 10 %\. End or remove/);

  // One that has ended needs no units any more.
  const file = fileOf(layered("tone", 0.5), layered("length", 0.5), layered("size", 0.4));
  const ended = fold(endExperiment("tone", "brief", states, file, operator), states);
  assert.deepEqual(after(file, ended).stated, ["experiment.started size 1 file"]);
});
