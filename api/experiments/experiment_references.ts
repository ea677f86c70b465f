/** Whether the experiments of `turnlog.yaml` fit the rest of it and each other. */
import {
  type ConfigMistake,
  type ReadableConfig,
  type ReadableExperiment,
  unknownName,
} from "../readable_config.ts";

const variantsMax = 10;

/** Every name must lead somewhere, and what is told twice must not differ. */
export function experimentMistakes(file: ReadableConfig): ConfigMistake[] {
  return Object.entries(file.experiments ?? {}).flatMap(([name, experiment]) => {
    const path = ["experiments", name];
    return [
      ...routeMistakes(path, experiment, file),
      ...guardrailMistakes(path, experiment),
      ...layerMistakes(path, experiment, file),
      ...variantMistakes(path, experiment, file),
    ];
  });
}

function routeMistakes(
  path: string[],
  { route = "default" }: ReadableExperiment,
  { routes, models }: ReadableConfig,
): ConfigMistake[] {
  // A route or a model may stand there: only where both are known can a name be said to be none.
  const names = routes && models && { ...routes, ...models };
  return unknownName([...path, "route"], route, "route or model", names);
}

function guardrailMistakes(
  path: string[],
  { goal, guardrails }: ReadableExperiment,
): ConfigMistake[] {
  const message = "the goal cannot be a guardrail as well";
  return guardrails.flatMap((guardrail, index) =>
    guardrail !== undefined && guardrail === goal
      ? [{ path: [...path, "guardrails", index], message }]
      : []
  );
}

function layerMistakes(
  path: string[],
  { layer, unit = "user" }: ReadableExperiment,
  { experiments = {} }: ReadableConfig,
): ConfigMistake[] {
  const first = Object.entries(experiments).find(([, other]) => other.layer === layer);
  if (layer === undefined || first === undefined) return [];
  const [firstName, { unit: firstUnit = "user" }] = first;
  if (firstUnit === unit) return [];
  const message = `${firstName} deals out the layer ${layer} by ${firstUnit}: do the same, ` +
    "or name another layer";
  return [{ path: [...path, "unit"], message }];
}

function variantMistakes(
  path: string[],
  { variants }: ReadableExperiment,
  { routes, models }: ReadableConfig,
): ConfigMistake[] {
  if (variants === undefined) return [];
  const mistakes: ConfigMistake[] = Object.entries(variants).flatMap(([name, { overrides }]) => {
    const { route, model, candidates } = overrides;
    const at = [...path, "variants", name, "overrides"];
    const message = "candidates say already who is asked: name one of the two";
    return [
      ...unknownName([...at, "route"], route, "route", routes),
      ...unknownName([...at, "model"], model, "model", models),
      ...candidates.flatMap((candidate, index) =>
        unknownName([...at, "candidates", index], candidate, "model", models)
      ),
      ...(model !== undefined && candidates.length > 0
        ? [{ path: [...at, "model"], message }]
        : []),
    ];
  });
  const found = Object.keys(variants).length;
  if (found >= 2 && found <= variantsMax) return mistakes;
  const message = `must be 2 to ${variantsMax} variants; found ${found}`;
  return [...mistakes, { path: [...path, "variants"], message }];
}
