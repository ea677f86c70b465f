/**
 * What came of experiments, as it was found a moment ago: over millions of events it takes ClickHouse seconds to find, and
 * everyone who has the page open asks again every half a minute.
 */
import type { MetricName } from "../../events/contract/experiment_metrics.ts";
import type {
  ExperimentResults,
  ExperimentSegment,
  ExperimentSeries,
  SegmentResult,
} from "../../events/contract/experiment_results.ts";
import type { ExperimentState } from "../../events/contract/experiment_state.ts";
import type { AnalyticsReader } from "../analytics_reader.ts";
import type { ExperimentQuestion } from "../experiment_comparisons.ts";
import {
  readExperimentResults,
  readExperimentSegments,
  readExperimentSeries,
} from "../experiment_results.ts";
import { RecentAnswers } from "./recent_answers.ts";

export class RecentResults {
  readonly #reader: AnalyticsReader;
  readonly #answers = new RecentAnswers();

  constructor(reader: AnalyticsReader) {
    this.#reader = reader;
  }

  /** @throws ProblemError where ClickHouse does not answer. */
  results(state: ExperimentState): Promise<ExperimentResults> {
    return this.#answers.of(
      keyOf(state, "results"),
      () => readExperimentResults(this.#reader, questionOf(state)),
    );
  }

  /** @throws ProblemError where ClickHouse does not answer. */
  series(state: ExperimentState, metric: MetricName): Promise<ExperimentSeries> {
    return this.#answers.of(
      keyOf(state, "series", metric),
      () => readExperimentSeries(this.#reader, questionOf(state), metric),
    );
  }

  /** @throws ProblemError where ClickHouse does not answer. */
  segments(
    state: ExperimentState,
    asked: { metric: MetricName; segment: ExperimentSegment },
  ): Promise<SegmentResult[]> {
    return this.#answers.of(
      keyOf(state, "segments", asked.metric, asked.segment),
      () => readExperimentSegments(this.#reader, questionOf(state), asked),
    );
  }
}

/** Without now, up to which a running one is counted: the answer says when that was. */
function keyOf(
  { experiment, phase, stoppedAt, endedAt }: ExperimentState,
  ...what: string[]
): string {
  return JSON.stringify([experiment, phase, stoppedAt, endedAt, ...what]);
}

/**
 * What an experiment is asked: from its first start to its stop, to its end, or to now. What units do after a stop, they do
 * without their variant: counted, it would only hide what the variants did.
 */
export function questionOf(
  { experiment, phase, definition, startedAt, stoppedAt, endedAt, status }: ExperimentState,
): ExperimentQuestion {
  const until = stoppedAt ?? endedAt;
  return {
    experiment,
    phase,
    definition,
    from: new Date(startedAt),
    to: until === null ? new Date() : new Date(until),
    isRunning: status === "running",
  };
}
