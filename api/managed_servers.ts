/** The servers of `turnlog.yaml` that are managed: who sleeps when, and which adapters there are. */
import type { ModelServer, SleepPolicy } from "../events/contract/model_change.ts";
import type { TurnlogConfig } from "./config_schema.ts";
import { type ReadVariable, type ResolvedProvider, resolveProvider } from "./planner.ts";

/** A provider with an address, and the models of `turnlog.yaml` that it answers. */
export interface OwnServers {
  provider: ResolvedProvider;
  servers: ModelServer[];
  models: string[];
  /** Name → path, as configured. */
  adapters: Record<string, string>;
}

/** @returns The providers that answer at an address of one's own. */
export function ownServers(config: TurnlogConfig, readVariable: ReadVariable): OwnServers[] {
  return Object.keys(config.providers).flatMap((name) => {
    const provider = resolveProvider(config, name, readVariable);
    const servers = serversOf(provider);
    if (servers.length === 0) return [];
    const models = Object.keys(config.models).filter((model) =>
      config.models[model].provider === name
    );
    return [{ provider, servers, models, adapters: config.providers[name].adapters ?? {} }];
  });
}

/** @returns The policies that hold now, in the order of the file. */
export function sleepPolicies(config: TurnlogConfig, readVariable: ReadVariable): SleepPolicy[] {
  return ownServers(config, readVariable).flatMap(({ provider, servers }) => {
    const { sleep } = config.providers[provider.name];
    return sleep === undefined ? [] : servers.map((server) => ({ server, ...sleep }));
  });
}

function serversOf(
  { name, baseUrl, baseUrls, apiKey, missing }: ResolvedProvider,
): ModelServer[] {
  if (missing !== null || baseUrl === undefined) return [];
  return (baseUrls ?? [baseUrl]).map((baseUrl) => ({
    provider: name,
    baseUrl,
    ...(apiKey !== undefined && { apiKey }),
  }));
}
