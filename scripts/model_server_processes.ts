/** The servers of models of one start: kept running beside the rest until an operator stops them, and started again. */
import type { ServerProcessState } from "../events/contract/api.ts";
import type { WantedProcess } from "../api/server_processes.ts";
import type { ModelServerProcess } from "./model_servers.ts";
import { type ProcessDefinition, ProcessFailedError } from "./supervised_process.ts";
import type { Supervisor } from "./supervisor.ts";

interface KeptServer {
  definition: ProcessDefinition;
  state: ServerProcessState;
  /** Resolves when it has ended, where it was stopped. */
  ended: Promise<void>;
}

/** How long a server may take to end by itself: vLLM takes one or two seconds. */
const stopMs = 10_000;

export class ModelServerProcesses {
  readonly #supervisor: Supervisor;
  readonly #say: (line: string) => void;
  readonly #servers: ReadonlyMap<string, KeptServer>;

  /** @param say Told what becomes of them. */
  constructor(
    servers: readonly ModelServerProcess[],
    supervisor: Supervisor,
    say: (line: string) => void,
  ) {
    this.#supervisor = supervisor;
    this.#say = say;
    this.#servers = new Map(
      servers.map(({ provider, definition }) => [
        provider,
        { definition, state: "stopped", ended: Promise.resolve() },
      ]),
    );
  }

  /** Begins to start all of them: a big model takes minutes, and others may answer meanwhile. */
  startAll(): void {
    for (const server of this.#servers.values()) this.#start(server);
  }

  /** @returns How each one is, by its provider. */
  states(): Record<string, ServerProcessState> {
    return Object.fromEntries([...this.#servers].map(([provider, { state }]) => [provider, state]));
  }

  /**
   * Begins to start a server, or ends it.
   *
   * @returns Whether it was otherwise before.
   * @throws RangeError where this start runs no server of the provider.
   */
  async change(provider: string, wanted: WantedProcess): Promise<boolean> {
    const server = this.#servers.get(provider);
    if (server === undefined) throw new RangeError(`No server of ${provider} is run here`);
    await server.ended;
    if (server.state === wanted) return false;
    if (wanted === "running") {
      this.#start(server);
      return true;
    }
    server.state = "stopped";
    const { name } = server.definition;
    server.ended = this.#supervisor.end(name, stopMs);
    await server.ended;
    this.#say(`${name} was stopped by an operator`);
    return true;
  }

  async #start(server: KeptServer): Promise<void> {
    const { definition, definition: { name } } = server;
    server.state = "running";
    this.#say(`${name} is starting; its models answer when it is ready`);
    try {
      const started = this.#supervisor.start(definition);
      this.#supervisor.process(name).failure.catch(() => server.state = "failed");
      await started;
      if (server.state === "running") this.#say(`${name} is ready`);
    } catch (error) {
      if (!(error instanceof ProcessFailedError)) throw error;
      this.#say(`${error.message}\nTurnlog goes on without it`);
    }
  }
}
