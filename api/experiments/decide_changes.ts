/**
 * What follows for experiments from the file and from what operators ask, as events. Pure, so that the store can decide
 * within a transaction, on how they stand then.
 */
import { isDeepStrictEqual } from "node:util";
import { createSystemEvent, type ExperimentAuthor } from "../../events/contract/event.ts";
import type { ExperimentChange, ExperimentDefinition } from "../../events/contract/experiment.ts";
import {
  evolveExperiment,
  type ExperimentEvent,
  type ExperimentEventType,
  type ExperimentState,
  experimentSubject,
} from "../../events/contract/experiment_state.ts";
import { newEventId } from "../../events/event_id.ts";
import { ProblemError } from "../problem.ts";
import { definitionOf, type ExperimentConfig } from "./experiment_schema.ts";
import { dealSlots, shareOf } from "./layer_slots.ts";

/** What stands under `experiments` in `turnlog.yaml`, by name. */
export type ExperimentFile = Readonly<Record<string, ExperimentConfig>>;

const byFile: ExperimentAuthor = { by: "file" };

/**
 * What follows from a file that was read: new experiments may start, running ones go on as it defines them now, and those
 * that are gone from it stop. What operators have stopped or ended stays so.
 *
 * @returns `refused`: why a change could not be taken up, for the log.
 */
export function takeUpFile(
  states: readonly ExperimentState[],
  file: ExperimentFile,
): { events: ExperimentEvent[]; refused: string[] } {
  const standing = new Map(states.map((state) => [state.experiment, state]));
  const events: ExperimentEvent[] = [];
  const refused: string[] = [];
  const state = (event: ExperimentEvent) => {
    const { experiment } = event.data;
    standing.set(experiment, evolveExperiment(standing.get(experiment) ?? null, event));
    events.push(event);
  };
  for (const each of states) {
    if (each.status !== "running" || Object.hasOwn(file, each.experiment)) continue;
    state(createChange("experiment.stopped", each, byFile));
  }
  for (const [name, config] of growingLast(standing, file)) {
    const before = standing.get(name);
    if (before === undefined ? config.status !== "running" : before.status !== "running") continue;
    try {
      const change = nextChange(name, [...standing.values()], file);
      if (change.phase === before?.phase) continue;
      state(createChange(before ? "experiment.changed" : "experiment.started", change, byFile));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      refused.push(`${name}: ${error.message}`);
    }
  }
  return { events, refused };
}

/** @throws ProblemError where it is not in the file, has ended, or its layer is full. */
export function startExperiment(
  name: string,
  states: readonly ExperimentState[],
  file: ExperimentFile,
  author: ExperimentAuthor,
): ExperimentEvent[] {
  const before = findState(states, name);
  if (before?.status === "running") return [];
  if (before?.status === "ended") throw hasEnded(name);
  if (!Object.hasOwn(file, name)) throw unknownExperiment(name);
  return [createChange("experiment.started", nextChange(name, states, file), author)];
}

/** @throws ProblemError where it was never started, or has ended. */
export function stopExperiment(
  name: string,
  states: readonly ExperimentState[],
  file: ExperimentFile,
  author: ExperimentAuthor,
): ExperimentEvent[] {
  const before = requireStarted(name, states, file);
  if (before.status === "ended") throw hasEnded(name);
  return before.status === "stopped" ? [] : [createChange("experiment.stopped", before, author)];
}

/**
 * @param winner The variant that answers everybody from now on; undefined where it ends without one.
 * @throws ProblemError where it was never started, has no such variant, or has ended otherwise.
 */
export function endExperiment(
  name: string,
  winner: string | undefined,
  states: readonly ExperimentState[],
  file: ExperimentFile,
  author: ExperimentAuthor,
): ExperimentEvent[] {
  const before = requireStarted(name, states, file);
  if (before.status === "ended") {
    if (before.winner === (winner ?? null)) return [];
    throw hasEnded(name);
  }
  const names = before.definition.variants.map(({ name }) => name);
  if (winner !== undefined && !names.includes(winner)) {
    const message = `there is no variant ${winner}; ${name} has ${names.join(", ")}`;
    throw new ProblemError("invalid-request", `winner: ${message}`, {
      errors: [{ path: "winner", message }],
    });
  }
  return [createChange("experiment.ended", before, author, winner)];
}

export function unknownExperiment(name: string): ProblemError {
  const wayOut = "turnlog.yaml defines experiments; GET /api/experiments lists them";
  return new ProblemError("not-found", `There is no experiment ${name}. ${wayOut}`);
}

/**
 * How the experiment goes on as the file defines it: in another phase where the definition or its units are not the same.
 *
 * @throws ProblemError where its layer has no room for it.
 */
function nextChange(
  name: string,
  states: readonly ExperimentState[],
  file: ExperimentFile,
): ExperimentChange {
  const before = findState(states, name);
  const definition = definitionOf(name, file[name]);
  const { layer, traffic } = definition;
  const others = states.filter((other) =>
    other.experiment !== name && other.definition.layer === layer && keepsItsUnits(other, file)
  );
  const taken = others.flatMap(({ slots }) => slots);
  const own = before?.definition.layer === layer ? before.slots : [];
  const slots = dealSlots(traffic, own, taken);
  if (shareOf(slots) < shareOf(dealSlots(traffic, [], []))) {
    const names = others.map(({ experiment }) => experiment).join(", ");
    throw new ProblemError(
      "layer-full",
      `The layer ${layer} has ${
        percent(1 - shareOf(taken))
      } of its units left, and ${name} asks for ` +
        `${percent(traffic)}. End or remove one of ${names}, or give it less traffic`,
    );
  }
  const isSame = before !== undefined && isSameAs(before, { definition, slots });
  const phase = isSame ? before.phase : (before?.phase ?? 0) + 1;
  return { experiment: name, phase, definition, slots };
}

/** One that was stopped may be started again, with the units that it had. */
function keepsItsUnits({ experiment, status }: ExperimentState, file: ExperimentFile): boolean {
  return status !== "ended" && Object.hasOwn(file, experiment);
}

/** Those that give units back come first, so that others can have them. */
function growingLast(
  standing: ReadonlyMap<string, ExperimentState>,
  file: ExperimentFile,
): [string, ExperimentConfig][] {
  const growth = ([name, { traffic }]: [string, ExperimentConfig]) =>
    traffic - (standing.get(name)?.definition.traffic ?? 0);
  return Object.entries(file).sort((a, b) => growth(a) - growth(b));
}

function isSameAs(
  before: ExperimentState,
  { definition, slots }: Pick<ExperimentChange, "slots"> & { definition: ExperimentDefinition },
): boolean {
  return isDeepStrictEqual(before.definition, definition) &&
    isDeepStrictEqual(before.slots, slots);
}

function createChange(
  type: ExperimentEventType,
  { experiment, phase, definition, slots }: ExperimentChange,
  author: ExperimentAuthor,
  winner?: string,
): ExperimentEvent {
  return createSystemEvent({
    id: newEventId(),
    source: "turnlog/api",
    type,
    subject: experimentSubject(experiment),
    data: { experiment, phase, definition, slots, ...author, ...(winner && { winner }) },
  });
}

function findState(states: readonly ExperimentState[], name: string): ExperimentState | undefined {
  return states.find(({ experiment }) => experiment === name);
}

function requireStarted(
  name: string,
  states: readonly ExperimentState[],
  file: ExperimentFile,
): ExperimentState {
  const state = findState(states, name);
  if (state !== undefined) return state;
  if (!Object.hasOwn(file, name)) throw unknownExperiment(name);
  throw new ProblemError("experiment-not-started", `${name} was never started, so it cannot end`);
}

function hasEnded(name: string): ProblemError {
  const wayOut = "Give the next one another name: its units are dealt out anew";
  return new ProblemError("experiment-ended", `${name} has ended for good. ${wayOut}`);
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
