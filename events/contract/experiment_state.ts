/** The fold of an experiment: what its events amount to. The store keeps it, so that all processes deal out alike. */
import type { ExperimentAuthor, SystemEvent, SystemEventType, TurnlogEvent } from "./event.ts";
import type { ExperimentChange } from "./experiment.ts";

export type ExperimentEventType = SystemEventType & `experiment.${string}`;
export type ExperimentEvent = Extract<SystemEvent, { type: ExperimentEventType }>;

/** How an experiment stands that was started at some time. */
export interface ExperimentState extends ExperimentChange {
  /** Who changed it last; `seed` for good where it was made up. */
  by?: ExperimentAuthor["by"];
  status: "running" | "stopped" | "ended";
  /** The variant that answers everybody since the experiment ended; null where there is none. */
  winner: string | null;
  /** When it was first started. */
  startedAt: string;
  /** When the present phase began. */
  phaseStartedAt: string;
  /** When it was stopped, also of one that ended thereafter: from then on nobody is dealt a variant. Null while it runs. */
  stoppedAt: string | null;
  /** Null before it ended. */
  endedAt: string | null;
}

/** Folds one event; events must come in the order of the log. */
export function evolveExperiment(
  state: ExperimentState | null,
  event: ExperimentEvent,
): ExperimentState {
  const { experiment, phase, definition, slots, by } = event.data;
  const next = {
    experiment,
    phase,
    definition,
    slots,
    // Whoever changes it later, its turns were made up.
    by: state?.by === "seed" ? state.by : by,
    winner: null,
    startedAt: state?.startedAt ?? event.time,
    phaseStartedAt: state?.phase === phase ? state.phaseStartedAt : event.time,
    stoppedAt: null,
    endedAt: null,
  };
  switch (event.type) {
    case "experiment.started":
    case "experiment.changed":
      return { ...next, status: "running" };
    case "experiment.stopped":
      return { ...next, status: "stopped", stoppedAt: event.time };
    case "experiment.ended":
      return {
        ...next,
        status: "ended",
        winner: event.data.winner ?? null,
        stoppedAt: state?.stoppedAt ?? null,
        endedAt: event.time,
      };
  }
}

export function isExperimentEvent(event: TurnlogEvent): event is ExperimentEvent {
  return event.type.startsWith("experiment.");
}

/** @returns The `subject` of an experiment's events. */
export function experimentSubject(name: string): string {
  return `experiment/${name}`;
}
