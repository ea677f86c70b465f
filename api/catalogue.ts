/** The models and routes of `turnlog.yaml` as they stand now: the file is read again when it changes. */
import type { ModelView, ServerProcessState } from "../events/contract/api.ts";
import { endpointsOf } from "../events/contract/endpoint.ts";
import type { Overrides } from "../events/contract/experiment.ts";
import type { ModelServer, SleepPolicy } from "../events/contract/model_change.ts";
import { keyResolver, type ResolveKey } from "../events/key_reference.ts";
import { loggerOf } from "../events/logging.ts";
import { coolingDown, isCoolingDown } from "../events/provider_health/cooling_down.ts";
import type { ProviderHealth } from "../events/provider_health/provider_health.ts";
import { callableFirst } from "./callable_first.ts";
import { ConfigError, readConfigFile } from "./config_file.ts";
import type { TurnlogConfig } from "./config_schema.ts";
import type { ExperimentFile } from "./experiments/decide_changes.ts";
import { type OwnServers, ownServers, sleepPolicies } from "./managed_servers.ts";
import { modelStateOf } from "./model_state.ts";
import {
  configuredCandidates,
  planCandidates,
  type Planned,
  type ReadVariable,
  type ResolvedProvider,
  resolveProvider,
} from "./planner.ts";
import { type ServerModels, ServerModelsReader } from "./server_models.ts";
import type { ServerProcesses } from "./server_processes.ts";

const log = loggerOf("catalogue");

/** How soon a change of the file is seen; by its time and size, as some file systems tell of no changes. */
const pollMs = 1000;

export class Catalogue {
  readonly #readVariable: ReadVariable;
  readonly #resolveKey: ResolveKey;
  readonly #health: ProviderHealth;
  readonly #processes: ServerProcesses;
  readonly #servers = new ServerModelsReader();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #listeners: (() => void)[] = [];
  #config: TurnlogConfig;

  /** @throws ConfigError where the file cannot be used. */
  static async open(
    path: string,
    readVariable: ReadVariable,
    health: ProviderHealth,
    processes: ServerProcesses,
  ): Promise<Catalogue> {
    const version = await fileVersion(path);
    const config = await readConfigFile(path);
    return new Catalogue(config, path, version, readVariable, health, processes);
  }

  private constructor(
    config: TurnlogConfig,
    path: string,
    version: string,
    readVariable: ReadVariable,
    health: ProviderHealth,
    processes: ServerProcesses,
  ) {
    this.#config = config;
    this.#readVariable = readVariable;
    this.#resolveKey = keyResolver(readVariable);
    this.#health = health;
    this.#processes = processes;
    let seen = version;
    this.#timer = setInterval(async () => {
      const version = await fileVersion(path);
      if (version === seen) return;
      seen = version;
      await this.#reload(path);
    }, pollMs);
  }

  /**
   * @param overrides What the variants of experiments change.
   * @throws PlanError where nobody can answer.
   */
  plan(asked: string, overrides?: Overrides): Planned {
    const planned = planCandidates(this.#config, asked, this.#readVariable, overrides);
    return callableFirst(planned, this.#health);
  }

  /** Experiments as the file defines them, whether they run or not. */
  experiments(): ExperimentFile {
    return this.#config.experiments;
  }

  /** Calls back when a changed file was taken up. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** All routes and models; servers that are one's own are asked whether they are there. */
  async list(): Promise<ModelView[]> {
    const config = this.#config;
    const processes = await this.#processes.states();
    const models = await Promise.all(
      Object.keys(config.models).map((name) => this.#modelView(config, name, processes)),
    );
    const byName = new Map(models.map((model) => [model.name, model]));
    const routes = Object.keys(config.routes).map((name) => this.#routeView(config, name, byName));
    return [...routes, ...models];
  }

  /** The servers of one's own, with what they say of themselves. */
  servers(): OwnServers[] {
    return ownServers(this.#config, this.#readVariable);
  }

  /** The base URLs of the vLLM servers. */
  vllmServers(): string[] {
    return this.servers().filter(({ provider }) => provider.vllm)
      .flatMap(({ servers }) => servers.map(({ baseUrl }) => baseUrl));
  }

  /** @returns What a server says; from a moment ago, unless it was changed meanwhile. */
  readServer({ baseUrl, apiKey }: ModelServer): Promise<ServerModels> {
    return this.#servers.read(baseUrl, this.#resolveKey(apiKey));
  }

  /** A server was changed: what it said before holds no longer. */
  forgetServer({ baseUrl }: ModelServer): void {
    this.#servers.forget(baseUrl);
  }

  sleepPolicies(): SleepPolicy[] {
    return sleepPolicies(this.#config, this.#readVariable);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #modelView(
    config: TurnlogConfig,
    name: string,
    processes: Record<string, ServerProcessState>,
  ): Promise<ModelView> {
    const model = config.models[name];
    const provider = resolveProvider(config, model.provider, this.#readVariable);
    const server = await this.#serverOf(provider);
    const served = servedModel(server, model.name ?? name);
    const { state, reason } = modelStateOf(provider, server, processes[provider.name]);
    return {
      name,
      kind: "model",
      available: reason === null,
      reason,
      simulated: provider.kind === "simulated",
      provider: provider.name,
      providerKind: provider.kind,
      requestModel: served?.name ?? model.name ?? name,
      candidates: [],
      contextTokens: model.contextTokens ?? served?.contextTokens ?? null,
      price: model.price ?? null,
      adapters: adaptersOf(server),
      ...this.#healthView(provider, state),
    };
  }

  /** @returns What the provider's server says; of several the first that can be reached, null where there is none to ask. */
  async #serverOf(provider: ResolvedProvider): Promise<ServerModels | null> {
    const { missing, baseUrl, baseUrls = baseUrl === undefined ? [] : [baseUrl], apiKey } =
      provider;
    if (missing !== null) return null;
    const key = this.#resolveKey(apiKey);
    const servers = await Promise.all(baseUrls.map((url) => this.#servers.read(url, key)));
    return servers.find(({ reachable }) => reachable) ?? servers[0] ?? null;
  }

  /** @param state What the provider's server says of itself. */
  #healthView(
    provider: ResolvedProvider,
    state: ModelView["state"],
  ): Pick<ModelView, "state" | "coolingDown" | "inFlight"> {
    const callee = { ...provider, provider: provider.name };
    const inFlight = provider.missing === null
      ? endpointsOf(callee)
        .map((endpoint) => this.#health.inFlight({ provider: provider.name, endpoint }))
      : [];
    const isLeftAlone = state === "awake" && isCoolingDown(callee, this.#health);
    const cooling = isLeftAlone ? coolingDown(callee, this.#health) : null;
    return {
      state: cooling ? "cooling-down" : state,
      coolingDown: cooling &&
        { until: new Date(cooling.untilMs).toISOString(), reason: cooling.failure },
      inFlight: inFlight.length > 0 ? inFlight.reduce((sum, calls) => sum + calls, 0) : null,
    };
  }

  #routeView(
    config: TurnlogConfig,
    name: string,
    models: ReadonlyMap<string, ModelView>,
  ): ModelView {
    const route = config.routes[name];
    const { candidates, missing } = configuredCandidates(config, route, this.#readVariable);
    const views = candidates.flatMap(({ model }) => models.get(model) ?? []);
    const available = views.filter(({ available }) => available);
    const first = available.find(({ state }) => state !== "cooling-down") ?? available[0];
    const reasons = views.flatMap(({ name, reason }) => reason ? [`${name}: ${reason}`] : []);
    return {
      name,
      kind: "route",
      available: first !== undefined,
      reason: first ? null : [...missing, ...reasons].join("; "),
      simulated: (first ?? views[0])?.simulated ?? false,
      provider: null,
      providerKind: null,
      requestModel: null,
      candidates: candidates.map(({ model }) => model),
      contextTokens: first?.contextTokens ?? null,
      price: first?.price ?? null,
      state: first?.state ?? null,
      adapters: [],
      coolingDown: first?.coolingDown ?? null,
      inFlight: null,
    };
  }

  async #reload(path: string): Promise<void> {
    try {
      this.#config = await readConfigFile(path);
      log.info("Took up the changed models and routes", { path });
      for (const listener of this.#listeners) listener();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.error(`${error.message}\nThe models and routes stay as they were`);
    }
  }
}

/** @returns The adapters that the server has loaded. */
function adaptersOf(server: ServerModels | null): string[] {
  if (!server?.reachable) return [];
  return server.models.filter(({ parent }) => parent !== null).map(({ name }) => name);
}

function servedModel(server: ServerModels | null, name: string) {
  if (!server?.reachable) return undefined;
  return name === "auto" ? server.models[0] : server.models.find((model) => model.name === name);
}

/** Changes whenever the file does; empty while there is none. */
async function fileVersion(path: string): Promise<string> {
  try {
    const { mtime, size, ino } = await Deno.stat(path);
    return `${mtime?.getTime()} ${size} ${ino}`;
  } catch {
    return "";
  }
}
