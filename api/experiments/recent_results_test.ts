import assert from "node:assert/strict";
import {
  evolveExperiment,
  type ExperimentEventType,
  type ExperimentState,
  experimentSubject,
} from "../../events/contract/experiment_state.ts";
import { createSystemEvent } from "../../events/contract/event.ts";
import { newEventId } from "../../events/event_id.ts";
import { questionOf } from "./recent_results.ts";

const startedAt = "2026-11-01T08:00:00.000Z";
const stoppedAt = "2026-11-08T08:00:00.000Z";
const endedAt = "2026-11-24T08:00:00.000Z";

/** How an experiment stands to which this happened. */
function stateAfter(acts: [type: ExperimentEventType, time: string][]): ExperimentState {
  const variants = ["control", "brief"].map((name) => ({ name, weight: 1, overrides: {} }));
  const definition = {
    route: "default",
    unit: "user" as const,
    traffic: 1,
    layer: "tone",
    goal: "thumbs_up_rate" as const,
    guardrails: [],
    variants,
  };
  const events = acts.map(([type, time]) =>
    createSystemEvent({
      id: newEventId(),
      source: "turnlog/api",
      type,
      subject: experimentSubject("tone"),
      data: { experiment: "tone", phase: 1, definition, slots: [], by: "token" },
      time: new Date(time),
    })
  );
  return events.reduce<ExperimentState | null>(evolveExperiment, null)!;
}

Deno.test("an experiment is counted from its start to its stop, however much later it is ended", () => {
  const begun: [ExperimentEventType, string][] = [["experiment.started", startedAt]];
  const stopped: typeof begun = [...begun, ["experiment.stopped", stoppedAt]];
  const rangeOf = (acts: typeof begun) => {
    const { from, to, isRunning } = questionOf(stateAfter(acts));
    return [from.toISOString(), to.toISOString(), isRunning];
  };
  assert.deepEqual(rangeOf(stopped), [startedAt, stoppedAt, false]);
  const endedLater: typeof begun = [...stopped, ["experiment.ended", endedAt]];
  assert.deepEqual(rangeOf(endedLater), [startedAt, stoppedAt, false]);
  assert.deepEqual(rangeOf([...begun, ["experiment.ended", endedAt]]), [startedAt, endedAt, false]);
});

Deno.test("an experiment that was started again is counted until now", () => {
  const { to, isRunning } = questionOf(stateAfter([
    ["experiment.started", startedAt],
    ["experiment.stopped", stoppedAt],
    ["experiment.started", endedAt],
  ]));
  assert.ok(to.getTime() > Date.now() - 60_000);
  assert.equal(isRunning, true);
});
