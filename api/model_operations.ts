/**
 * Sleep, wake and adapters of servers, for operators, and their start and stop. Each change of what a server has loaded
 * is made by a workflow that outlives this process; its process is changed by who runs it.
 */
import type { Client } from "@temporalio/client";
import type { ServerProcessState, ServerView } from "../events/contract/api.ts";
import type {
  ModelChange,
  ModelChangeResult,
  ModelProblem,
  ModelServer,
} from "../events/contract/model_change.ts";
import { modelWorkflowId } from "../events/model_workflow_id.ts";
import { requestModelChange } from "../events/request_model_change.ts";
import type { Catalogue } from "./catalogue.ts";
import type { OwnServers } from "./managed_servers.ts";
import { isComing } from "./model_state.ts";
import { ProblemError, type ProblemKind } from "./problem.ts";
import type { ServerModels } from "./server_models.ts";
import type { ServerProcesses, WantedProcess } from "./server_processes.ts";

/** How long a request waits for a worker to take the change. */
const acceptMs = 10_000;
/** How long a request waits for the change; after that it goes on without the request. */
const resultMs = 10_000;

/** What an operator may ask of a model's servers: a change of what is loaded there, or of the process. */
export type OperatorChange = ModelChange | { action: "start-server" | "stop-server" };

/** A change that was made, or that goes on. */
export type ChangeAnswer =
  | { type: "done"; results: { endpoint: string; state: string; changed: boolean }[] }
  | { type: "under-way"; workflowIds: string[] };

export class ModelOperations {
  readonly #client: Client;
  readonly #catalogue: Catalogue;
  readonly #processes: ServerProcesses;

  constructor(client: Client, catalogue: Catalogue, processes: ServerProcesses) {
    this.#client = client;
    this.#catalogue = catalogue;
    this.#processes = processes;
  }

  /** All servers of one's own: how they are, and what can be asked of them. */
  async servers(): Promise<ServerView[]> {
    const processes = await this.#processes.states();
    const views = this.#catalogue.servers().flatMap((own) =>
      own.servers.map(async (server) => {
        const { name } = own.provider;
        return viewOf(own, server, await this.#catalogue.readServer(server), processes[name]);
      })
    );
    return await Promise.all(views);
  }

  /**
   * Changes all servers that answer for the model.
   *
   * @param model As in `turnlog.yaml`.
   * @throws ProblemError where there is no such model, a server does not do it, or Turnlog does not run its process.
   */
  change(model: string, change: OperatorChange): Promise<ChangeAnswer> {
    switch (change.action) {
      case "start-server":
        return this.#changeProcess(model, "running");
      case "stop-server":
        return this.#changeProcess(model, "stopped");
      default:
        return this.#changeServers(model, change);
    }
  }

  async #changeServers(model: string, change: ModelChange): Promise<ChangeAnswer> {
    const { servers } = this.#vllmServersOf(model);
    const changes = servers.map((server) => this.#changeServer(server, change));
    const answered = await Promise.all(changes);
    for (const server of servers) this.#catalogue.forgetServer(server);
    const results = answered.flatMap(({ result }) => result ?? []);
    const refused = results.find((result) => result.outcome === "not-done");
    if (refused) throw new ProblemError(problemKinds[refused.problem], refused.message);
    if (results.length < servers.length) {
      return { type: "under-way", workflowIds: servers.map(modelWorkflowId) };
    }
    return {
      type: "done",
      results: results.flatMap((result, index) =>
        result.outcome === "done"
          ? [{ endpoint: servers[index].baseUrl, state: result.state, changed: result.changed }]
          : []
      ),
    };
  }

  /** @throws ProblemError where the path of an adapter is neither given nor configured. */
  adapterPath(model: string, name: string, path: string | undefined): string {
    const { adapters, provider } = this.#vllmServersOf(model);
    const found = path ?? adapters[name];
    if (found !== undefined) return found;
    const known = Object.keys(adapters).join(", ") || "none";
    throw new ProblemError(
      "invalid-request",
      `turnlog.yaml has no adapter ${name} for ${provider.name} (it has ${known}): send its path`,
    );
  }

  /** A start is done when it has begun. */
  async #changeProcess(model: string, wanted: WantedProcess): Promise<ChangeAnswer> {
    const { provider, servers } = this.#ownServersOf(model);
    if (!provider.hasServe) {
      throw new ProblemError(
        "model-unmanageable",
        `turnlog.yaml does not say how the server of ${provider.name} is run: give it a serve, and ` +
          "start Turnlog anew",
      );
    }
    const changed = await this.#processes.change(provider.name, wanted);
    for (const server of servers) this.#catalogue.forgetServer(server);
    return { type: "done", results: [{ endpoint: servers[0].baseUrl, state: wanted, changed }] };
  }

  #ownServersOf(model: string): OwnServers {
    const own = this.#catalogue.servers().find(({ models }) => models.includes(model));
    if (own === undefined) {
      throw new ProblemError(
        "not-found",
        `No server of your own answers for a model ${model}; GET /api/operations/models lists them`,
      );
    }
    return own;
  }

  #vllmServersOf(model: string): OwnServers {
    const own = this.#ownServersOf(model);
    if (own.provider.vllm) return own;
    throw new ProblemError(
      "model-unmanageable",
      `${model} is answered by ${own.provider.name}, which is not known as a vLLM server: if it is ` +
        "one, say vllm: true in turnlog.yaml; others cannot sleep or take adapters",
    );
  }

  /** @returns No result where it takes longer than a request waits. */
  async #changeServer(
    server: ModelServer,
    change: ModelChange,
  ): Promise<{ result?: ModelChangeResult }> {
    const request = { change, reason: "an operator asked for it" };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), resultMs);
    });
    try {
      const handle = await this.#client.withDeadline(
        Date.now() + acceptMs,
        () => requestModelChange(this.#client, server, request),
      );
      const result = handle.result();
      // It may fail when nobody waits for it any more.
      result.catch(() => {});
      return { result: await Promise.race([result, late]) };
    } catch (cause) {
      const detail = "No worker took the change in time: see that a worker runs, and ask again";
      throw new ProblemError("temporal-unavailable", detail, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

const problemKinds: Record<ModelProblem, ProblemKind> = {
  "unsupported": "model-unmanageable",
  "refused": "model-change-refused",
  "in-use": "model-change-refused",
  "unreachable": "model-unreachable",
  "failed": "model-change-failed",
};

function viewOf(
  { provider, models }: OwnServers,
  { baseUrl }: ModelServer,
  server: ServerModels,
  process: ServerProcessState | undefined,
): ServerView {
  const common = {
    provider: provider.name,
    endpoint: baseUrl,
    models,
    process: process ?? null,
  };
  if (!server.reachable) {
    return {
      ...common,
      software: null,
      state: isComing(server, process) ? "loading" : "unreachable",
      reason: server.reason,
      canSleep: false,
      takesAdapters: false,
      served: [],
    };
  }
  const { software, state, reason, canSleep, takesAdapters } = server;
  const served = server.models.map(({ name, parent }) => ({ name, parent }));
  return { ...common, software, state, reason, canSleep, takesAdapters, served };
}
