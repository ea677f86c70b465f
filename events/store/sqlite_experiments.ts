/** Experiments as the SQLite store keeps them: their state, and where in the log their events are. */
import type { SQLInputValue } from "node:sqlite";
import {
  evolveExperiment,
  type ExperimentEvent,
  type ExperimentState,
} from "../contract/experiment_state.ts";

/** Runs a statement with values by name. @returns Its rows. */
type Execute = <Row>(sql: string, values: Record<string, SQLInputValue>) => Row[];

export function listExperiments(execute: Execute): ExperimentState[] {
  return execute<{ state: string }>("SELECT state FROM experiments ORDER BY name", {})
    .map(({ state }) => JSON.parse(state));
}

export function listExperimentEvents(name: string, execute: Execute): ExperimentEvent[] {
  return execute<{ body: string }>(
    `SELECT body FROM experiment_events JOIN events USING (position)
     WHERE experiment = :name ORDER BY position`,
    { name },
  ).map(({ body }) => JSON.parse(body));
}

/** To be called once the event stands in the log. */
export function saveExperiment(event: ExperimentEvent, execute: Execute): void {
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
