import assert from "node:assert/strict";
import { createSystemEvent } from "../../events/contract/event.ts";
import type { ExperimentDefinition } from "../../events/contract/experiment.ts";
import {
  evolveExperiment,
  type ExperimentEventType,
  type ExperimentState,
  experimentSubject,
} from "../../events/contract/experiment_state.ts";
import { newEventId } from "../../events/event_id.ts";
import { ProblemError } from "../problem.ts";
import { stateInPhase } from "./phase_state.ts";
import { questionOf } from "./recent_results.ts";

/** What happened on the day of November, with so much weight on the second variant. */
function act(type: ExperimentEventType, phase: number, day: number, weight: number) {
  const definition: ExperimentDefinition = {
    route: "default",
    unit: "user",
    traffic: 1,
    layer: "tone",
    goal: "thumbs_up_rate",
    guardrails: [],
    variants: [
      { name: "control", weight: 1, overrides: {} },
      { name: "brief", weight, overrides: {} },
    ],
  };
  return createSystemEvent({
    id: newEventId(),
    source: "turnlog/api",
    type,
    subject: experimentSubject("tone"),
    data: { experiment: "tone", phase, definition, slots: [], by: "token" },
    time: new Date(timeOf(day)),
  });
}

const timeOf = (day: number) => `2026-11-${String(day).padStart(2, "0")}T08:00:00.000Z`;

const events = [
  act("experiment.started", 1, 1, 1),
  act("experiment.stopped", 1, 3, 1),
  act("experiment.started", 2, 5, 2),
  act("experiment.changed", 3, 8, 3),
  act("experiment.ended", 3, 9, 3),
];
const state = events.reduce<ExperimentState | null>(evolveExperiment, null)!;

Deno.test("a phase is counted with its own weights until it was stopped, or the next one began", () => {
  const asked = (phase: number | undefined) => {
    const { definition, from, to, isRunning, phase: found } = questionOf(
      stateInPhase(state, events, phase),
    );
    const { weight } = definition.variants[1];
    return [found, weight, from.toISOString(), to.toISOString(), isRunning];
  };
  assert.deepEqual(asked(1), [1, 1, timeOf(1), timeOf(3), false]);
  assert.deepEqual(asked(2), [2, 2, timeOf(1), timeOf(8), false]);
  assert.deepEqual(asked(3), [3, 3, timeOf(1), timeOf(9), false]);
  assert.deepEqual(asked(undefined), asked(3));
});

Deno.test("a phase that never was is told with those that were", () => {
  for (const phase of [0, 4]) {
    assert.throws(
      () => stateInPhase(state, events, phase),
      (error) => error instanceof ProblemError && /has had the phases 1 to 3/.test(error.message),
    );
  }
});
