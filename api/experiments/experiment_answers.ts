/** Puts together what the routes of experiments answer: how they stand, with what ClickHouse tells of them. */
import type { ExperimentState } from "../../events/contract/experiment_state.ts";
import type { ExperimentDetail, ExperimentView } from "../../events/contract/experiment_view.ts";
import { loggerOf } from "../../events/logging.ts";
import type { AnalyticsReader } from "../analytics_reader.ts";
import { ProblemError } from "../problem.ts";
import { viewExperiment, viewExperimentDetail } from "./experiment_views.ts";
import type { Experiments } from "./experiments.ts";
import { stateInPhase } from "./phase_state.ts";
import { exposuresOf, readExposureCounts } from "./read_exposures.ts";
import type { RecentResults } from "./recent_results.ts";

const log = loggerOf("api", "experiments");

/** Who knows how experiments stand, how many were exposed, and what came of it. */
export interface ExperimentSources {
  experiments: Experiments;
  analytics: AnalyticsReader;
  recent: RecentResults;
}

export async function listExperiments(
  { experiments, analytics }: ExperimentSources,
): Promise<ExperimentView[]> {
  const standing = await experiments.list();
  const isAnyStarted = standing.some(({ state }) => state !== null);
  const counts = isAnyStarted ? await orNull(readExposureCounts(analytics, "")) : null;
  return standing.map((each) =>
    viewExperiment(each, each.state && counts && exposuresOf(each.state, counts))
  );
}

/**
 * @param phase Whose exposures and results are told; those of the present one where it is undefined.
 * @throws ProblemError where there is no such experiment, or no such phase of it.
 */
export async function describeExperiment(
  name: string,
  phase: number | undefined,
  { experiments, analytics, recent }: ExperimentSources,
): Promise<ExperimentDetail> {
  const standing = await experiments.read(name);
  if (standing.state === null) {
    if (phase !== undefined) throw notStarted(name);
    return viewExperimentDetail(standing, { exposures: null, results: null });
  }
  const state = stateInPhase(standing.state, standing.events, phase);
  const [counts, results] = await Promise.all([
    orNull(readExposureCounts(analytics, name)),
    orNull(recent.results(state)),
  ]);
  const exposures = counts && exposuresOf(state, counts);
  return viewExperimentDetail(standing, { exposures, results });
}

/**
 * @param phase The present one where it is undefined.
 * @returns How it stood at the end of the phase, or stands now.
 * @throws ProblemError where the experiment was never started, or has no such phase.
 */
export async function readStarted(
  name: string,
  phase: number | undefined,
  experiments: Experiments,
): Promise<ExperimentState> {
  const { state, events } = await experiments.read(name);
  if (state === null) throw notStarted(name);
  return stateInPhase(state, events, phase);
}

function notStarted(name: string): ProblemError {
  return new ProblemError("experiment-not-started", `${name} was never started: it has no results`);
}

/** How an experiment stands is told all the same where ClickHouse does not answer. */
async function orNull<Value>(reading: Promise<Value>): Promise<Value | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    log.warn("Tells an experiment without what came of it", { error });
    return null;
  }
}
