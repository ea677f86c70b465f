/** Makes the plan of a turn: who is asked, in which order, and how patiently. Pure: it decides by what it is given. */
import type { Overrides } from "../events/contract/experiment.ts";
import type {
  BreakerPolicy,
  Candidate,
  ProviderKind,
  ProviderLimits,
  TurnPlan,
} from "../events/contract/turn_plan.ts";
import type { RouteConfig, TurnlogConfig } from "./config_schema.ts";

/** Reads one environment variable; undefined where it is unset or empty. */
export type ReadVariable = (name: string) => string | undefined;

/** A provider of `turnlog.yaml` with its variables filled in. */
export interface ResolvedProvider {
  name: string;
  kind: ProviderKind;
  baseUrl?: string;
  /** All addresses at which it answers, with `baseUrl` as the first; absent where there are not several. */
  baseUrls?: string[];
  apiKey?: string;
  vllm: boolean;
  /** Whether `turnlog.yaml` says how its server is run. */
  hasServe: boolean;
  limits: ProviderLimits;
  breaker: BreakerPolicy;
  /** Why it cannot be called, and what to do about it; null where it can. */
  missing: string | null;
  /** Whether that is a mistake, rather than something that was left out. */
  isMistake?: boolean;
}

export type Planned = Pick<
  TurnPlan,
  | "candidates"
  | "timeouts"
  | "retry"
  | "continuation"
  | "onExhausted"
  | "waitMs"
  | "waitDelayMs"
  | "systemPrompt"
  | "passedOver"
>;

/** A model or route that cannot be used; the message says why and what to do. */
export class PlanError extends Error {
  override name = "PlanError";
  readonly reason: "unknown" | "unavailable";

  constructor(reason: PlanError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * @param asked The name of a route or of a model. A model is asked alone, as patiently as the route `default` says, and
 * without waiting: whoever names one model wants to know when it cannot answer.
 * @param overrides What the variants of experiments change in that.
 * @throws PlanError where there is no such name, or nobody whom it leads to is configured.
 */
export function planCandidates(
  config: TurnlogConfig,
  asked: string,
  readVariable: ReadVariable,
  overrides: Overrides = {},
): Planned {
  const route = overriddenRoute(config, routeOf(config, asked), overrides);
  const { candidates, missing } = configuredCandidates(config, route, readVariable);
  if (candidates.length === 0) {
    throw new PlanError("unavailable", `${asked} cannot answer: ${missing.join("; ")}`);
  }
  const { timeouts, retry, continuation, onExhausted, waitMs, waitDelayMs, systemPrompt } = route;
  return {
    candidates,
    timeouts,
    retry,
    continuation,
    onExhausted,
    waitMs,
    waitDelayMs,
    systemPrompt,
  };
}

/** @returns The route's configured candidates, or its stand-in where there is none, and why the others are not. */
export function configuredCandidates(
  config: TurnlogConfig,
  { candidates: names, whenNoneConfigured }: RouteConfig,
  readVariable: ReadVariable,
): { candidates: Candidate[]; missing: string[] } {
  const resolved = names.map((name) => candidateOf(config, name, readVariable));
  const candidates = resolved.flatMap(({ candidate, missing }) => missing ? [] : [candidate]);
  const missing = [...new Set(resolved.flatMap(({ missing }) => missing ?? []))];
  if (candidates.length > 0 || whenNoneConfigured === undefined) return { candidates, missing };
  const standIn = candidateOf(config, whenNoneConfigured, readVariable);
  return standIn.missing
    ? { candidates, missing: [...missing, standIn.missing] }
    : { candidates: [standIn.candidate], missing };
}

export function resolveProvider(
  config: TurnlogConfig,
  name: string,
  readVariable: ReadVariable,
): ResolvedProvider {
  const { kind, baseUrl, apiKey, vllm, serve, limits, breaker } = config.providers[name];
  const hasServe = serve !== undefined;
  const provider = { name, kind, apiKey, vllm, hasServe, limits, breaker };
  if (baseUrl === undefined) {
    const variable = apiKey?.slice("env:".length);
    const isKeyMissing = variable !== undefined && readVariable(variable) === undefined;
    return { ...provider, missing: isKeyMissing ? `${variable} is not set` : null };
  }
  const texts = [baseUrl].flat();
  const unset = texts.flatMap((text) => [...text.matchAll(variablePattern)])
    .map(([, variable]) => variable)
    .filter((variable) => readVariable(variable) === undefined);
  if (unset.length > 0) {
    return { ...provider, missing: `${[...new Set(unset)].join(", ")} is not set` };
  }
  const urls = texts
    .map((text) => text.replaceAll(variablePattern, (_, variable) => readVariable(variable)!))
    .flatMap((text) => text.split(","))
    .map((address) => normalizeBaseUrl(address.trim(), kind));
  const [first, ...others] = new Set(urls);
  if (first === null || others.includes(null)) {
    // Not repeated here: it may hold a password.
    const message = `an address of ${name} is no http(s):// one, or holds a password or a query`;
    return { ...provider, missing: message, isMistake: true };
  }
  const baseUrls = [first, ...others.filter((url) => url !== null)];
  return { ...provider, baseUrl: first, ...(others.length > 0 && { baseUrls }), missing: null };
}

function routeOf(config: TurnlogConfig, asked: string): RouteConfig {
  if (Object.hasOwn(config.routes, asked)) return config.routes[asked];
  if (Object.hasOwn(config.models, asked)) {
    return {
      ...config.routes.default,
      candidates: [asked],
      whenNoneConfigured: undefined,
      onExhausted: "fail",
    };
  }
  const names = [...Object.keys(config.routes), ...Object.keys(config.models)].join(", ");
  throw new PlanError("unknown", `There is no model or route ${asked}. There are: ${names}`);
}

function overriddenRoute(
  config: TurnlogConfig,
  asked: RouteConfig,
  { route, model, candidates, systemPrompt, timeouts }: Overrides,
): RouteConfig {
  requireKnown(config.routes, route === undefined ? [] : [route]);
  requireKnown(config.models, [...candidates ?? [], ...model === undefined ? [] : [model]]);
  const base = route === undefined ? asked : config.routes[route];
  const names = candidates ?? base.candidates;
  return {
    ...base,
    candidates: model === undefined ? names : [model, ...names.filter((name) => name !== model)],
    // A simulated answer would stand in for one of a variant's own models, and be compared with real ones.
    whenNoneConfigured: candidates === undefined ? base.whenNoneConfigured : undefined,
    timeouts: { ...base.timeouts, ...timeouts },
    systemPrompt: systemPrompt ?? base.systemPrompt,
  };
}

/** An experiment may be older than the file, and name what is not there any more. */
function requireKnown(names: object, asked: readonly string[]): void {
  const unknown = asked.find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) return;
  throw new PlanError("unavailable", `An experiment asks for ${unknown}, which is not there`);
}

function candidateOf(
  config: TurnlogConfig,
  model: string,
  readVariable: ReadVariable,
): { candidate: Candidate; missing: string | null } {
  const { provider: providerName, name, parameters, price, contextTokens, continuation } =
    config.models[model];
  const { kind, baseUrl, baseUrls, apiKey, vllm, limits, breaker, missing } = resolveProvider(
    config,
    providerName,
    readVariable,
  );
  return {
    missing,
    candidate: {
      model,
      provider: providerName,
      kind,
      ...(baseUrl !== undefined && { baseUrl }),
      ...(baseUrls && { baseUrls }),
      ...(apiKey !== undefined && { apiKey }),
      requestModel: name ?? model,
      vllm,
      parameters,
      ...(price && { price }),
      ...(contextTokens !== undefined && { contextTokens }),
      ...(continuation && { continuation }),
      limits,
      breaker,
    },
  };
}

const variablePattern = /\$\{([A-Z_][A-Z0-9_]*)\}/gi;

/** @returns The address without a slash at its end, with `/v1` where OpenAI's API has no path; null where it is none. */
function normalizeBaseUrl(address: string, kind: ProviderKind): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (!/^https?:$/.test(url.protocol) || url.username || url.password) return null;
  // A path is put behind it, and it stands in events, where a key in its query would be read.
  if (url.search || url.hash) return null;
  if (kind === "openai" && url.pathname === "/") url.pathname = "/v1";
  return url.href.replace(/\/+$/, "");
}
