/** Ids of events. A fact that is stated again, after a crash or a retry, must come with the id that it had before. */
import { v5, v7 } from "uuid";

/** The namespace of all derived ids: the UUIDv5 of `turnlog` in the URL namespace of RFC 9562. */
const namespace = v5("turnlog", v5.URL);

/** @returns An id for a fact that begins here: a UUIDv7, so that ids sort by time. */
export function newEventId(): string {
  return v7();
}

/**
 * The id of a fact that a step of a workflow states.
 *
 * @param step The activity's id within its run, with a suffix where one activity states several facts.
 * @returns A UUIDv5: the same for the same step of the same run, another one after a reset, which makes a new run.
 */
export function stepEventId(workflowId: string, runId: string, step: string): string {
  return v5(`${workflowId}\n${runId}\n${step}`, namespace);
}

/**
 * The id of a change of an endpoint's state. Of all who change the same state, the store keeps the one who came first.
 *
 * @param before The change before this one, or where there is none what all who see it so agree on.
 */
export function endpointEventId(provider: string, endpoint: string, before: string): string {
  return v5(`endpoint\n${provider}\n${endpoint}\n${before}`, namespace);
}

/** The id of a turn's exposure to an experiment: one of each, however often the turn is tried. */
export function exposureEventId(turnId: string, experiment: string): string {
  return v5(`exposure\n${turnId}\n${experiment}`, namespace);
}
