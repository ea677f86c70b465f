/** What may stand under `experiments` in `turnlog.yaml`, and the definition that it amounts to. */
import { z } from "zod";
import type { ExperimentDefinition } from "../../events/contract/experiment.ts";
import { metricNames } from "../../events/contract/experiment_metrics.ts";
import { generationParameters } from "../schemas.ts";

/** Short enough for the search attribute in which several of them stand. */
const name = z.string().regex(
  /^[a-z][a-z0-9._-]{0,39}$/i,
  "a name begins with a letter and has up to 40 letters, digits and . _ -",
);
const reference = z.string().min(1);
const metric = z.enum(metricNames);

const candidatesMax = 20;
const guardrailsMax = 10;
const dayMs = 86_400_000;
const milliseconds = z.int().min(1).max(dayMs).optional();

const overrides = z.strictObject({
  route: reference.optional(),
  model: reference.optional(),
  candidates: z.array(reference).min(1).max(candidatesMax).optional(),
  systemPrompt: z.string().max(100_000).optional(),
  parameters: generationParameters.optional(),
  timeouts: z.strictObject({
    firstTokenMs: milliseconds,
    idleMs: milliseconds,
    totalMs: milliseconds,
  }).optional(),
});

const variant = z.strictObject({
  weight: z.number().gt(0).max(1_000_000),
  overrides: overrides.default({}),
});

const experiment = z.strictObject({
  route: reference.default("default"),
  client: z.enum(["app", "program"]).optional(),
  unit: z.enum(["user", "conversation"]).default("user"),
  /** How it is at first; from then on operators decide. */
  status: z.enum(["draft", "running"]).default("draft"),
  traffic: z.number().min(0.0001, "must be 0.0001 at least, one unit in ten thousand").max(1)
    .default(1),
  layer: name.optional(),
  goal: metric,
  guardrails: z.array(metric).max(guardrailsMax).default([]),
  variants: z.record(name, variant),
});

export const experiments = z.record(name, experiment).default({});
export type ExperimentConfig = z.output<typeof experiment>;

/** The baseline stands first, the others by name, so that their order in the file means nothing. */
export function definitionOf(name: string, config: ExperimentConfig): ExperimentDefinition {
  const { status: _, layer = name, guardrails, variants, ...definition } = config;
  const names = Object.keys(variants);
  const baseline = "control" in variants ? "control" : names[0];
  const others = names.filter((variant) => variant !== baseline).sort();
  return {
    ...definition,
    layer,
    guardrails: guardrails.toSorted(),
    variants: [baseline, ...others].map((name) => ({ name, ...variants[name] })),
  };
}
