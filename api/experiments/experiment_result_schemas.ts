/** What the API answers of an experiment's results: `events/contract/experiment_results.ts` says what each number is. */
import { z } from "@hono/zod-openapi";
import { metricNames } from "../../events/contract/experiment_metrics.ts";
import {
  type ExperimentResults,
  experimentSegments,
  type ExperimentSeries,
  type SegmentResult,
} from "../../events/contract/experiment_results.ts";

const time = z.iso.datetime();
const metric = z.enum(metricNames);
const interval = z.object({ low: z.number(), high: z.number() });

const test = z.object({
  pValue: z.number().nullable(),
  difference: interval,
  lift: interval.nullable(),
});

const estimate = z.object({
  difference: z.number(),
  standardError: z.number(),
  lift: z.number().nullable(),
  sequential: test,
  fixed: test.extend({ test: z.enum(["welch", "two-proportions", "z"]) }),
});

const armMean = z.object({ units: z.number(), count: z.number(), value: z.number() });

const comparison = z.object({
  variant: z.string(),
  baseline: armMean,
  mean: armMean,
  headline: z.enum(["unadjusted", "cuped"]),
  unadjusted: estimate,
  cuped: estimate.extend({ varianceReduction: z.number() }).nullable(),
  adjustedPValue: z.number().nullable(),
  judgement: z.enum(["better", "worse", "unclear", "too-little-data", "no-price"]),
  power: z.object({
    detectableLift: z.number().nullable(),
    worthwhileLift: z.number(),
    daysLeft: z.number().nullable(),
  }),
}).openapi("MetricComparison");

export const experimentResults = z.object({
  experiment: z.string(),
  phase: z.int(),
  unit: z.enum(["user", "conversation"]),
  baseline: z.string(),
  from: time,
  to: time,
  verdict: z.object({
    outcome: z.enum(["unsound", "too-little-data", "unclear", "better", "harmful", "worse"]),
    variant: z.string().nullable(),
    sentence: z.string(),
  }),
  health: z.object({
    split: z.object({ pValue: z.number().nullable(), sound: z.boolean() }),
    mixedUnits: z.int(),
    imbalances: z.array(z.object({ metric, variant: z.string(), pValue: z.number() })),
    unpriced: z.array(z.object({ variant: z.string(), share: z.number() })),
    tooLittle: z.array(z.string()),
  }),
  variants: z.array(z.object({
    variant: z.string(),
    units: z.int(),
    share: z.number(),
    expectedShare: z.number(),
    recentUnits: z.int(),
  })),
  metrics: z.array(z.object({
    metric,
    role: z.enum(["goal", "guardrail", "other"]),
    comparisons: z.array(comparison),
  })),
}).openapi("ExperimentResults") satisfies z.ZodType<ExperimentResults>;

export const experimentSeries = z.object({
  metric,
  points: z.array(z.object({
    variant: z.string(),
    day: z.string(),
    units: z.number(),
    lift: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    pValue: z.number().nullable(),
  })),
}).openapi("ExperimentSeries") satisfies z.ZodType<ExperimentSeries>;

export const segmentResult = z.object({ value: z.string(), comparisons: z.array(comparison) })
  .openapi("SegmentResult") satisfies z.ZodType<SegmentResult>;

export const phaseQuery = z.object({
  phase: z.coerce.number().int().min(1).optional().openapi({
    description: "Whose results are told; those of the present phase where it is absent.",
  }),
});
export const seriesQuery = phaseQuery.extend({ metric });
export const segmentQuery = phaseQuery.extend({ metric, segment: z.enum(experimentSegments) });
