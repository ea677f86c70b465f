/** Whether what stands in `turnlog.yaml` fits together: every name leads somewhere, and no name to two things. */
import { experimentMistakes } from "./experiments/experiment_references.ts";
import {
  type ConfigMistake,
  type ReadableConfig,
  readableConfig,
  unknownName,
} from "./readable_config.ts";

/** @param value The file's content, which may be malformed: that is told elsewhere, and passed over here. */
export function referenceMistakes(value: unknown): ConfigMistake[] {
  const file = readableConfig(value);
  return [
    ...providerMistakes(file),
    ...modelMistakes(file),
    ...routeMistakes(file),
    ...experimentMistakes(file),
  ];
}

/** Only vLLM has what some settings take, and only what has an address can be started here. */
function providerMistakes({ providers = {} }: ReadableConfig): ConfigMistake[] {
  return Object.entries(providers).flatMap(([name, provider]) => {
    const mistakes: ConfigMistake[] = [];
    const report = (field: string, message: string) =>
      mistakes.push({ path: ["providers", name, field], message });
    for (const field of ["sleep", "adapters"] as const) {
      if (provider[field] === undefined || provider.vllm) continue;
      report(field, "only a vLLM server can do this: the provider must say vllm: true");
    }
    if (provider.serve !== undefined && provider.baseUrl === undefined) {
      report("serve", "the provider must name the baseUrl at which its server listens");
    }
    return mistakes;
  });
}

function modelMistakes({ providers, models = {} }: ReadableConfig): ConfigMistake[] {
  return Object.entries(models).flatMap(([name, { provider, continuation }]) => {
    const mistakes = unknownName(["models", name, "provider"], provider, "provider", providers);
    const kind = Object.entries(providers ?? {}).find(([other]) => other === provider)?.[1].kind;
    if (continuation === "native" && kind === "anthropic") {
      mistakes.push({
        path: ["models", name, "continuation"],
        message: "Anthropic's models cannot continue natively: use instruct or restart",
      });
    }
    return mistakes;
  });
}

function routeMistakes({ models, routes }: ReadableConfig): ConfigMistake[] {
  if (routes === undefined) return [];
  const mistakes = Object.entries(routes).flatMap(([name, route]) => {
    const path = ["routes", name];
    return [
      ...(models !== undefined && Object.hasOwn(models, name)
        ? [{ path, message: "a model has this name already" }]
        : []),
      ...route.candidates.flatMap((candidate, index) =>
        unknownName([...path, "candidates", index], candidate, "model", models)
      ),
      ...unknownName([...path, "whenNoneConfigured"], route.whenNoneConfigured, "model", models),
    ];
  });
  if (Object.hasOwn(routes, "default")) return mistakes;
  const message = "the route default is missing: it answers where no model is asked for";
  return [...mistakes, { path: ["routes"], message }];
}
