/** What an experiment can be judged by: its goal and its guardrails are names of this list. */

/** What is measured and how it is compared. */
export interface Metric {
  title: string;
  /** What is counted. */
  description: string;
  /**
   * - `proportion`: a share of the units, each of which did it or did not
   * - `mean`: an average over the units
   * - `ratio`: a sum over a unit's turns by how many there were, so that units with many turns weigh more
   * - `quantile`: of all turns or attempts of the units
   */
  kind: "proportion" | "mean" | "ratio" | "quantile";
  /** The quantile, where it is one: 0.5 is the median. */
  level?: number;
  /** Which way is better. */
  good: "up" | "down";
  unit: "count" | "ms" | "tokens" | "usd" | "ratio";
}

/** Turns are those that a unit sent once it was exposed, the exposed one included. */
export const experimentMetrics = {
  thumbs_up_rate: {
    title: "Thumbs up",
    description: "Of the turns that were rated, those that were last rated up",
    kind: "ratio",
    good: "up",
    unit: "ratio",
  },
  thumbs_down_rate: {
    title: "Thumbs down",
    description: "Of all turns that ended, those that were last rated down",
    kind: "ratio",
    good: "down",
    unit: "ratio",
  },
  completion_rate: {
    title: "Completed",
    description: "Of the turns that ended, those that were answered to the end",
    kind: "ratio",
    good: "up",
    unit: "ratio",
  },
  failure_rate: {
    title: "Failed",
    description: "Of the turns that ended, those that nobody answered",
    kind: "ratio",
    good: "down",
    unit: "ratio",
  },
  stop_rate: {
    title: "Stopped",
    description: "Of the turns that ended, those that their user stopped",
    kind: "ratio",
    good: "down",
    unit: "ratio",
  },
  regenerate_rate: {
    title: "Regenerated",
    description:
      "Of the turns that were sent, those that ask for another answer to the same message",
    kind: "ratio",
    good: "down",
    unit: "ratio",
  },
  fallback_rate: {
    title: "Fell back",
    description: "Of the turns that ended, those of which an attempt went to a later candidate",
    kind: "ratio",
    good: "down",
    unit: "ratio",
  },
  cost_per_turn: {
    title: "Cost per turn",
    description: "What the attempts of a turn cost, in USD, of the turns of which that is known",
    kind: "ratio",
    good: "down",
    unit: "usd",
  },
  output_tokens: {
    title: "Output tokens per turn",
    description: "What the attempts of a turn wrote, in tokens; fewer are less to pay and to read",
    kind: "ratio",
    good: "down",
    unit: "tokens",
  },
  turns_per_user: {
    title: "Turns",
    description: "How many turns a unit sent",
    kind: "mean",
    good: "up",
    unit: "count",
  },
  retention: {
    title: "Came back",
    description: "Units that sent a turn on a later day than the one of their exposure",
    kind: "proportion",
    good: "up",
    unit: "ratio",
  },
  time_to_first_token: {
    title: "Time to first token, median",
    description: "From the call to the first token, of the attempts that gave one",
    kind: "quantile",
    level: 0.5,
    good: "down",
    unit: "ms",
  },
  time_to_first_token_p95: {
    title: "Time to first token, 95th percentile",
    description: "From the call to the first token, of the attempts that gave one",
    kind: "quantile",
    level: 0.95,
    good: "down",
    unit: "ms",
  },
  duration: {
    title: "Duration, median",
    description: "From sending a message to the end of its turn, of the turns that completed",
    kind: "quantile",
    level: 0.5,
    good: "down",
    unit: "ms",
  },
  duration_p95: {
    title: "Duration, 95th percentile",
    description: "From sending a message to the end of its turn, of the turns that completed",
    kind: "quantile",
    level: 0.95,
    good: "down",
    unit: "ms",
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof experimentMetrics;
export const metricNames = Object.keys(experimentMetrics) as MetricName[];
