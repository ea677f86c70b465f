/** How long it takes to find what came of an experiment over ten million events, and how much memory. */
import { connectClickHouse } from "../../analytics/clickhouse.ts";
import { AnalyticsReader } from "../../api/analytics_reader.ts";
import type { ExperimentQuestion } from "../../api/experiment_comparisons.ts";
import {
  readExperimentResults,
  readExperimentSegments,
  readExperimentSeries,
} from "../../api/experiment_results.ts";
import { briefAnswers } from "../seed/traffic_options.ts";
import type { Stack } from "../stack.ts";
import {
  addCopy,
  days,
  fillSlice,
  numberOf,
  peakMemoryMb,
  untilMerged,
  untilMs,
} from "./many_events.ts";
import { type Figure, quantile } from "./measurement.ts";

export const tenMillionEvents = 10_000_000;

const runs = 5;
const aimMs = 5000;
const aimMb = 1000;
const dayMs = 86_400_000;

const question: ExperimentQuestion = {
  experiment: briefAnswers.name,
  phase: 1,
  definition: {
    unit: "user",
    goal: "thumbs_up_rate",
    guardrails: ["time_to_first_token", "cost_per_turn"],
    variants: briefAnswers.variants.map(({ name, weight }) => ({ name, weight, overrides: {} })),
  },
  from: new Date(untilMs - days * briefAnswers.runningShare * dayMs),
  to: new Date(untilMs),
  isRunning: false,
};

export async function measureExperiment(stack: Stack, size: number): Promise<Figure[]> {
  const url = stack.variables.CLICKHOUSE_URL;
  const clickHouse = connectClickHouse(url);
  const reader = new AnalyticsReader(stack.addresses.clickhouse);
  const metric = question.definition.goal;
  const asked: Record<string, () => Promise<unknown>> = {
    "all metrics": () => readExperimentResults(reader, question),
    "the goal's lift over time": () => readExperimentSeries(reader, question, metric),
    "the goal by segment": () =>
      readExperimentSegments(reader, question, { metric, segment: "visitor" }),
  };
  try {
    const slice = await fillSlice(clickHouse, url);
    const copies = Math.round(size / slice);
    for (let copy = 0; copy < copies; copy++) await addCopy(clickHouse, copy);
    await untilMerged(clickHouse);
    const events = await numberOf(clickHouse, "SELECT count() FROM events");
    console.log(`${events.toLocaleString("en")} events are there`);
    const figures: Figure[] = [];
    for (const [what, read] of Object.entries(asked)) {
      const peakMb = await peakMemoryMb(clickHouse, "experiment_comparisons", read);
      const times: number[] = [];
      for (let run = 0; run < runs; run++) {
        const beganMs = performance.now();
        await read();
        times.push(performance.now() - beganMs);
      }
      const [p50Ms, p95Ms] = [quantile(times), quantile(times, 0.95)];
      figures.push(
        { what: `${what}: p50`, value: p50Ms, unit: "ms" },
        { what: `${what}: p95`, value: p95Ms, unit: "ms", against: { what: "aim", value: aimMs } },
        {
          what: `${what}: the most memory`,
          value: peakMb,
          unit: "MB",
          against: { what: "aim", value: aimMb },
        },
      );
    }
    return figures;
  } finally {
    await reader.close();
    await clickHouse.close();
  }
}
