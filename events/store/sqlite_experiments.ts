/** Experiments as the SQLite store keeps them: their state, and where in the log their events are. */
import {
  evolveExperiment,
  type ExperimentEvent,
  type ExperimentState,
} from "../contract/experiment_state.ts";
import type { AllRows } from "./sqlite_connection.ts";

export function listExperiments(execute: AllRows): ExperimentState[] {
  return execute<{ state: string }>("SELECT state FROM experiments ORDER BY name", {})
    .map(({ state }) => JSON.parse(state));
}

export function listExperimentEvents(name: string, execute: AllRows): ExperimentEvent[] {
  return execute<{ body: string }>(
    `SELECT body FROM experiment_events JOIN events USING (position)
     WHERE experiment = :name ORDER BY position`,
    { name },
  ).map(({ body }) => JSON.parse(body));
}

/** To be called once the event stands in the log. */
export function saveExperiment(event: ExperimentEvent, execute: AllRows): void {
  const name = event.data.experiment;
  const [row] = execute<{ state: string }>(
    "SELECT state FROM experiments WHERE name = :name",
    { name },
  );
  const state = evolveExperiment(row ? JSON.parse(row.state) : null, event);
  execute(
    `INSERT INTO experiments (name, state) VALUES (:name, :state)
     ON CONFLICT (name) DO UPDATE SET state = excluded.state`,
    { name, state: JSON.stringify(state) },
  );
  execute(
    `INSERT INTO experiment_events (position, experiment)
     SELECT position, :name FROM events WHERE event_id = :id`,
    { name, id: event.id },
  );
}
