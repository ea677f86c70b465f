/** The requests and answers of the routes of experiments. */
import { z } from "@hono/zod-openapi";
import { metricNames } from "../../events/contract/experiment_metrics.ts";
import type { ExperimentDetail, ExperimentView } from "../../events/contract/experiment_view.ts";
import { generationParameters } from "../schemas.ts";
import { experimentResults } from "./experiment_result_schemas.ts";

const time = z.iso.datetime();
const metric = z.enum(metricNames);

export const experimentParams = z.object({ experiment: z.string().min(1).max(100) });

export const endExperiment = z.strictObject({
  winner: z.string().min(1).max(100).optional().openapi({
    description:
      "The variant that answers everybody from now on; nothing changes where it is absent.",
  }),
});

const variant = z.object({
  name: z.string(),
  weight: z.number(),
  overrides: z.object({
    route: z.string().optional(),
    model: z.string().optional(),
    candidates: z.array(z.string()).optional(),
    systemPrompt: z.string().nullable().optional().openapi({
      description: "Null to all but operators, where the variant has one.",
    }),
    parameters: generationParameters.optional(),
    timeouts: z.object({
      firstTokenMs: z.int().optional(),
      idleMs: z.int().optional(),
      totalMs: z.int().optional(),
    }).optional(),
  }),
});

const definition = z.object({
  route: z.string(),
  client: z.enum(["app", "program"]).optional(),
  unit: z.enum(["user", "conversation"]),
  traffic: z.number(),
  layer: z.string(),
  goal: metric,
  guardrails: z.array(metric),
  variants: z.array(variant),
}).openapi("ExperimentDefinition");

const exposures = z.array(z.object({ variant: z.string(), units: z.int(), turns: z.int() }));

export const experimentView = z.object({
  name: z.string(),
  status: z.enum(["draft", "running", "stopped", "ended"]),
  isInFile: z.boolean(),
  isMadeUp: z.boolean(),
  phase: z.int().nullable(),
  definition,
  startedAt: time.nullable(),
  phaseStartedAt: time.nullable(),
  endedAt: time.nullable(),
  winner: z.string().nullable(),
  exposures: exposures.nullable(),
}).openapi("Experiment") satisfies z.ZodType<ExperimentView>;

export const experimentDetail = experimentView.extend({
  fileDefinition: definition.nullable(),
  phases: z.array(z.object({
    phase: z.int(),
    startedAt: time,
    endedAt: time.nullable(),
    definition,
  })),
  audit: z.array(z.object({
    type: z.enum([
      "experiment.started",
      "experiment.changed",
      "experiment.stopped",
      "experiment.ended",
    ]),
    time,
    phase: z.int(),
    by: z.enum(["file", "token", "session", "loopback", "seed"]),
    session: z.string().optional(),
    winner: z.string().optional(),
  })),
  results: experimentResults.nullable(),
}).openapi("ExperimentDetail") satisfies z.ZodType<ExperimentDetail>;
