/**
 * `turnlog.yaml` as far as it can be read despite its mistakes, so that what its names lead to is told along with what is
 * malformed. What is malformed counts as absent here.
 */
import { z } from "zod";

const text = z.string().optional().catch(undefined);
const texts = z.array(text).catch([]);
const anything = z.unknown().optional();

/** What has the names of a section that cannot be read is not known, and nothing is said of it. */
function named<Entry extends z.ZodType>(entry: Entry) {
  return z.record(z.string(), entry).optional().catch(undefined);
}

const provider = z.object({
  kind: text,
  vllm: z.boolean().optional().catch(undefined),
  baseUrl: anything,
  sleep: anything,
  adapters: anything,
  serve: anything,
}).catch({});

const overrides = z.object({ route: text, model: text, candidates: texts })
  .catch({ candidates: [] });

const experiment = z.object({
  route: text,
  unit: text,
  layer: text,
  goal: text,
  guardrails: texts,
  variants: named(z.object({ overrides }).catch({ overrides: { candidates: [] } })),
}).catch({ guardrails: [] });

const file = z.object({
  providers: named(provider),
  models: named(z.object({ provider: text, continuation: text }).catch({})),
  routes: named(
    z.object({ candidates: texts, whenNoneConfigured: text }).catch({ candidates: [] }),
  ),
  experiments: named(experiment),
}).catch({});

export type ReadableConfig = z.output<typeof file>;
export type ReadableExperiment = z.output<typeof experiment>;

export function readableConfig(value: unknown): ReadableConfig {
  return file.parse(value);
}

/** A mistake, and where it is in the file. */
export interface ConfigMistake {
  path: PropertyKey[];
  message: string;
}

/** @returns That a name leads nowhere; nothing where it leads somewhere, or is not known. */
export function unknownName(
  path: PropertyKey[],
  name: string | undefined,
  kind: string,
  names: object | undefined,
): ConfigMistake[] {
  if (name === undefined || names === undefined || Object.hasOwn(names, name)) return [];
  const found = Object.keys(names).join(", ") || "none";
  return [{ path, message: `there is no ${kind} ${name}; the file has: ${found}` }];
}
