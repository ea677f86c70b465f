/** The models and routes of `turnlog.yaml` as they stand now: the file is read again when it changes. */
import type { ModelView } from "../events/contract/api.ts";
import type { ModelServer, SleepPolicy } from "../events/contract/model_change.ts";
import { loggerOf } from "../events/logging.ts";
import { ConfigError, readConfigFile } from "./config_file.ts";
import type { TurnlogConfig } from "./config_schema.ts";
import { type OwnServers, ownServers, sleepPolicies } from "./managed_servers.ts";
import { modelStateOf } from "./model_state.ts";
import {
  configuredCandidates,
  planCandidates,
  type Planned,
  type ReadVariable,
  resolveProvider,
} from "./planner.ts";
import { type ServerModels, ServerModelsReader } from "./server_models.ts";

const log = loggerOf("catalogue");

/** How soon a change of the file is seen; by its time and size, as some file systems tell of no changes. */
const pollMs = 1000;

export class Catalogue {
  readonly #readVariable: ReadVariable;
  readonly #servers = new ServerModelsReader();
  readonly #timer: ReturnType<typeof setInterval>;
  #config: TurnlogConfig;

  /** @throws ConfigError where the file cannot be used. */
  static async open(path: string, readVariable: ReadVariable): Promise<Catalogue> {
    const version = await fileVersion(path);
    return new Catalogue(await readConfigFile(path), path, version, readVariable);
  }

  private constructor(
    config: TurnlogConfig,
    path: string,
    version: string,
    readVariable: ReadVariable,
  ) {
    this.#config = config;
    this.#readVariable = readVariable;
    let seen = version;
    this.#timer = setInterval(async () => {
      const version = await fileVersion(path);
      if (version === seen) return;
      seen = version;
      await this.#reload(path);
    }, pollMs);
  }

  /** @throws PlanError where nobody can answer. */
  plan(asked: string): Planned {
    return planCandidates(this.#config, asked, this.#readVariable);
  }

  /** All routes and models; servers that are one's own are asked whether they are there. */
  async list(): Promise<ModelView[]> {
    const config = this.#config;
    const models = await Promise.all(
      Object.keys(config.models).map((name) => this.#modelView(config, name)),
    );
    const byName = new Map(models.map((model) => [model.name, model]));
    const routes = Object.keys(config.routes).map((name) => this.#routeView(config, name, byName));
    return [...routes, ...models];
  }

  /** The servers of one's own, with what they say of themselves. */
  servers(): OwnServers[] {
    return ownServers(this.#config, this.#readVariable);
  }

  /** @returns What a server says; from a moment ago, unless it was changed meanwhile. */
  readServer({ baseUrl, apiKey }: ModelServer): Promise<ServerModels> {
    return this.#servers.read(baseUrl, this.#readKey(apiKey));
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

  async #modelView(config: TurnlogConfig, name: string): Promise<ModelView> {
    const model = config.models[name];
    const provider = resolveProvider(config, model.provider, this.#readVariable);
    const server = provider.missing === null && provider.baseUrl !== undefined
      ? await this.#servers.read(provider.baseUrl, this.#readKey(provider.apiKey))
      : null;
    const served = servedModel(server, model.name ?? name);
    const { state, reason } = modelStateOf(provider, server);
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
      state,
      adapters: adaptersOf(server),
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
    const first = views.find(({ available }) => available);
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
    };
  }

  #readKey(reference: string | undefined): string | undefined {
    return reference && this.#readVariable(reference.slice("env:".length));
  }

  async #reload(path: string): Promise<void> {
    try {
      this.#config = await readConfigFile(path);
      log.info("Took up the changed models and routes", { path });
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
