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

const variantsMax = 10;
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

/** What an experiment refers to. */
interface Named {
  models: object;
  routes: object;
  experiments: Record<string, ExperimentConfig>;
}

/** Every name must lead somewhere, and what is told twice must not differ. */
export function checkExperiments(
  { models, routes, experiments }: Named,
  context: z.core.$RefinementCtx,
): void {
  for (const [name, experiment] of Object.entries(experiments)) {
    const report = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path: ["experiments", name, ...path], message });
    const requireName = (path: (string | number)[], kind: string, name: string, names: object) => {
      if (Object.hasOwn(names, name)) return;
      const found = Object.keys(names).join(", ");
      report(path, `there is no ${kind} ${name}; the file has: ${found}`);
    };
    requireName(["route"], "route or model", experiment.route, { ...routes, ...models });
    experiment.guardrails.forEach((guardrail, index) => {
      if (guardrail === experiment.goal) {
        report(["guardrails", index], "the goal cannot be a guardrail as well");
      }
    });
    const { layer } = experiment;
    const first = Object.entries(experiments).find(([, other]) => other.layer === layer)!;
    if (layer !== undefined && first[1].unit !== experiment.unit) {
      const message = `${first[0]} deals out the layer ${layer} by ${first[1].unit}: do the same`;
      report(["unit"], `${message}, or name another layer`);
    }
    const variants = Object.entries(experiment.variants);
    if (variants.length < 2 || variants.length > variantsMax) {
      report(["variants"], `must be 2 to ${variantsMax} variants; found ${variants.length}`);
    }
    for (const [variant, { overrides }] of variants) {
      const path = ["variants", variant, "overrides"];
      const { route, model, candidates = [] } = overrides;
      if (route !== undefined) requireName([...path, "route"], "route", route, routes);
      if (model !== undefined) requireName([...path, "model"], "model", model, models);
      candidates.forEach((candidate, index) =>
        requireName([...path, "candidates", index], "model", candidate, models)
      );
      if (model !== undefined && candidates.length > 0) {
        report([...path, "model"], "candidates say already who is asked: name one of the two");
      }
    }
  }
}
