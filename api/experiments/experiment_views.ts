/** What clients see of experiments. */
import { isDeepStrictEqual } from "node:util";
import type { ExperimentDefinition } from "../../events/contract/experiment.ts";
import type { ExperimentEvent, ExperimentState } from "../../events/contract/experiment_state.ts";
import type {
  ExperimentAct,
  ExperimentDetail,
  ExperimentPhase,
  ExperimentView,
  VariantExposures,
} from "../../events/contract/experiment_view.ts";

/** An experiment that was started, stands in the file, or both. */
export interface StandingExperiment {
  name: string;
  state: ExperimentState | null;
  /** Null where it is not in the file. */
  fileDefinition: ExperimentDefinition | null;
}

/** @param exposures Null where they are not known. */
export function viewExperiment(
  { name, state, fileDefinition }: StandingExperiment,
  exposures: VariantExposures[] | null,
): ExperimentView {
  return {
    name,
    status: state?.status ?? "draft",
    isInFile: fileDefinition !== null,
    isMadeUp: state?.by === "seed",
    phase: state?.phase ?? null,
    definition: definitionOfStanding({ state, fileDefinition }),
    startedAt: state?.startedAt ?? null,
    phaseStartedAt: state?.phaseStartedAt ?? null,
    endedAt: state?.endedAt ?? null,
    winner: state?.winner ?? null,
    exposures,
  };
}

export function viewExperimentDetail(
  { events, ...experiment }: StandingExperiment & { events: readonly ExperimentEvent[] },
  { exposures, results }: Pick<ExperimentDetail, "exposures" | "results">,
): ExperimentDetail {
  const { state, fileDefinition } = experiment;
  const isTakenUp = state === null || isDeepStrictEqual(state.definition, fileDefinition);
  return {
    ...viewExperiment(experiment, exposures),
    fileDefinition: isTakenUp ? null : fileDefinition,
    phases: phasesOf(events),
    audit: events.map(viewAct),
    results,
  };
}

/** What it is now; an experiment has one of the two. */
function definitionOfStanding(
  { state, fileDefinition }: Omit<StandingExperiment, "name">,
): ExperimentDefinition {
  return state?.definition ?? fileDefinition!;
}

function phasesOf(events: readonly ExperimentEvent[]): ExperimentPhase[] {
  const phases: ExperimentPhase[] = [];
  for (const { type, time, data: { phase, definition } } of events) {
    const last = phases.at(-1);
    if (last?.phase !== phase) {
      if (last) last.endedAt ??= time;
      phases.push({ phase, startedAt: time, endedAt: null, definition });
      continue;
    }
    last.endedAt = type === "experiment.started" ? null : time;
  }
  return phases;
}

function viewAct(
  { type, time, data: { phase, by, session, ...rest } }: ExperimentEvent,
): ExperimentAct {
  const winner = "winner" in rest ? rest.winner : undefined;
  return { type, time, phase, by, ...(session && { session }), ...(winner && { winner }) };
}
