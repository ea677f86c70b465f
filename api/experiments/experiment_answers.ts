/** Puts together what the routes of experiments answer: how they stand, with what ClickHouse tells of them. */
import type { ExperimentState } from "../../events/contract/experiment_state.ts";
import type { ExperimentDetail, ExperimentView } from "../../events/contract/experiment_view.ts";
import { loggerOf } from "../../events/logging.ts";
import type { AnalyticsReader } from "../analytics_reader.ts";
import { ProblemError } from "../problem.ts";
import { viewExperiment, viewExperimentDetail } from "./experiment_views.ts";
import type { Experiments } from "./experiments.ts";
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

/** @throws ProblemError where there is no such experiment. */
export async function describeExperiment(
  name: string,
  { experiments, analytics, recent }: ExperimentSources,
): Promise<ExperimentDetail> {
  const standing = await experiments.read(name);
  const { state } = standing;
  if (state === null) return viewExperimentDetail(standing, { exposures: null, results: null });
  const [counts, results] = await Promise.all([
    orNull(readExposureCounts(analytics, name)),
    orNull(recent.results(state)),
  ]);
  const exposures = counts && exposuresOf(state, counts);
  return viewExperimentDetail(standing, { exposures, results });
}

/** @throws ProblemError where the experiment was never started. */
export async function readStarted(
  name: string,
  experiments: Experiments,
): Promise<ExperimentState> {
  const { state } = await experiments.read(name);
  if (state !== null) return state;
  throw new ProblemError("experiment-not-started", `${name} was never started: it has no results`);
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
