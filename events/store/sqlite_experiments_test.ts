import assert from "node:assert/strict";
import { createSystemEvent } from "../contract/event.ts";
import { type ExperimentDefinition, layerSlots } from "../contract/experiment.ts";
import {
  type ExperimentEvent,
  type ExperimentState,
  experimentSubject,
} from "../contract/experiment_state.ts";
import { newEventId } from "../event_id.ts";
import { openSqliteStore } from "./sqlite_store.ts";
import { withStore } from "./temporary_store.ts";

const definition: ExperimentDefinition = {
  route: "default",
  unit: "user",
  traffic: 1,
  layer: "tone",
  goal: "thumbs_up_rate",
  guardrails: [],
  variants: [
    { name: "control", weight: 1, overrides: {} },
    { name: "brief", weight: 1, overrides: { systemPrompt: "Be brief." } },
  ],
};

function change(
  type: ExperimentEvent["type"],
  phase: number,
  { experiment = "tone", second = 0, winner }: {
    experiment?: string;
    second?: number;
    winner?: string;
  } = {},
): ExperimentEvent {
  return createSystemEvent({
    id: newEventId(),
    source: "turnlog/api",
    type,
    subject: experimentSubject(experiment),
    time: new Date(Date.UTC(2026, 10, 24, 8, 0, second)),
    data: {
      experiment,
      phase,
      definition,
      slots: [[0, layerSlots]],
      by: "token",
      ...(winner && { winner }),
    },
  });
}

const at = (second: number) => new Date(Date.UTC(2026, 10, 24, 8, 0, second)).toISOString();

Deno.test("an experiment stands as its events say, and all of them can be read again in order", () =>
  withStore(async (store) => {
    const events = [
      change("experiment.started", 1, { second: 1 }),
      change("experiment.changed", 2, { second: 2 }),
      change("experiment.stopped", 2, { second: 3 }),
      change("experiment.ended", 2, { second: 4, winner: "brief" }),
    ];
    const other = change("experiment.started", 1, { experiment: "length", second: 2 });
    await store.append([events[0], other, ...events.slice(1)]);
    await store.append(events);
    const [length, tone] = await store.experiments();
    assert.deepEqual([length.experiment, length.status], ["length", "running"]);
    assert.deepEqual(
      tone,
      {
        experiment: "tone",
        phase: 2,
        definition,
        slots: [[0, layerSlots]],
        by: "token",
        status: "ended",
        winner: "brief",
        startedAt: at(1),
        phaseStartedAt: at(2),
        stoppedAt: at(3),
        endedAt: at(4),
      } satisfies ExperimentState,
    );
    assert.deepEqual(await store.experimentEvents("tone"), events);
    assert.deepEqual(await store.experimentEvents("length"), [other]);
  }));

Deno.test("an experiment that is started again after a stop is in the same phase", () =>
  withStore(async (store) => {
    await store.append([
      change("experiment.started", 1, { second: 1 }),
      change("experiment.stopped", 1, { second: 2 }),
      change("experiment.started", 1, { second: 3 }),
    ]);
    const [{ status, phaseStartedAt, stoppedAt }] = await store.experiments();
    assert.deepEqual([status, phaseStartedAt, stoppedAt], ["running", at(1), null]);
  }));

Deno.test("a decision sees what another process has decided just before", () =>
  withStore(async (store, path) => {
    const start = (experiments: ExperimentState[]) =>
      experiments.length === 0 ? [change("experiment.started", 1)] : [];
    const other = openSqliteStore(path);
    const [first, second] = await Promise.all([
      store.updateExperiments(start),
      other.updateExperiments(start),
    ]);
    await other.close();
    assert.deepEqual(first, second);
    assert.equal((await store.experimentEvents("tone")).length, 1);
  }));
