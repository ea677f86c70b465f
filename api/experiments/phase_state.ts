/** How an experiment stood in one of its phases, so that an older phase is asked for its results as the newest one is. */
import {
  evolveExperiment,
  type ExperimentEvent,
  type ExperimentState,
} from "../../events/contract/experiment_state.ts";
import { ProblemError } from "../problem.ts";

/**
 * @param state As it stands now.
 * @param events All of the experiment, in the order of the log.
 * @param phase The present one where it is undefined.
 * @returns The state at the end of the phase. One that another phase followed is stopped since then: what its units did
 * later, they did as the next phase had it.
 * @throws ProblemError where there was no such phase.
 */
export function stateInPhase(
  state: ExperimentState,
  events: readonly ExperimentEvent[],
  phase: number | undefined,
): ExperimentState {
  if (phase === undefined || phase === state.phase) return state;
  const next = events.findIndex(({ data }) => data.phase > phase);
  const past = events.slice(0, Math.max(next, 0))
    .reduce<ExperimentState | null>(evolveExperiment, null);
  if (past?.phase !== phase) throw unknownPhase(state, phase);
  return { ...past, status: "stopped", stoppedAt: past.stoppedAt ?? events[next].time };
}

function unknownPhase({ experiment, phase: newest }: ExperimentState, phase: number): ProblemError {
  const had = newest === 1 ? "phase 1 alone" : `the phases 1 to ${newest}`;
  return new ProblemError("not-found", `${experiment} has no phase ${phase}; it has had ${had}`);
}
