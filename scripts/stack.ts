/**
 * A whole Turnlog on this machine: its engines and its processes, started together, kept running, and stopped in
 * order. `start.ts` runs one for a person; tests and measurements run their own, on other ports and folders:
 *
 *     const stack = await startStack({
 *       environment: { ...freePortVariables(), TURNLOG_DATA: folder },
 *       output: silentOutput,
 *     });
 *     await stack.kill("worker");
 *     await stack.untilReady("worker");
 *     await stack.stop();
 */
import { readConfigFile } from "../api/config_file.ts";
import type { TurnlogConfig } from "../api/config_schema.ts";
import { sleep } from "../events/sleep.ts";
import { appAddress } from "./app_address.ts";
import { checkSettings } from "./check_settings.ts";
import { readStackSettings, type Role, type StackSettings } from "./config.ts";
import { type DataFolder, openDataFolder } from "./data_folder.ts";
import {
  type EngineAddresses,
  engineAddresses,
  type EngineName,
  withoutAddress,
} from "./engine_addresses.ts";
import { checkTools } from "./engines/acquire.ts";
import { ModelServerProcesses } from "./model_server_processes.ts";
import { modelServers } from "./model_servers.ts";
import type { Output } from "./output.ts";
import { checkPorts } from "./ports.ts";
import { embeddedEngines, enginePorts, neededEngines } from "./stack_engines.ts";
import {
  addressVariables,
  bundleTask,
  processNames,
  type RoleProcessName,
  setupTask,
  stackProcess,
  type StackProcessesOptions,
} from "./stack_processes.ts";
import { Supervisor } from "./supervisor.ts";
import { serveSupervisor, type SupervisorServer } from "./supervisor_server.ts";

export interface StackOptions {
  /** The settings as variables, and whatever else the processes are to get. */
  environment: Record<string, string>;
  /** The engines to start where no address replaces them; those that the roles need where it is unset. */
  engines?: EngineName[];
  /** The processes to start; those of TURNLOG_ROLES where it is unset. */
  roles?: Role[];
  output: Output;
  /** What the processes print; lines of the output, with the process's name before them, where it is unset. */
  onLine?(name: string, line: string): void;
  /** A role that has been ready is tried again for as long as it fails: someone works on its code. */
  keepsTrying?: boolean;
  /** Gives up a start that is under way. */
  signal?: AbortSignal;
}

/** One of the processes: a role, or an engine that is started here. */
export type ProcessName = RoleProcessName | EngineName;

export interface Stack {
  readonly settings: StackSettings;
  /** Of the app; nothing answers there without the role api. */
  readonly url: string;
  readonly addresses: EngineAddresses;
  /** The engines' addresses as variables, for clients and tests; ClickHouse's with the user who may write. */
  readonly variables: Record<string, string>;
  /** What runs, and how often each was started. The pid is undefined between an end and the next start. */
  processes(): { name: ProcessName; pid: number | undefined; starts: number }[];
  /** Sends a signal, resolves when the process has ended; it is then started again. */
  kill(name: ProcessName, signal?: Deno.Signal): Promise<void>;
  /** Ends the role's processes in their own way, and starts them again with the code as it is now; does not wait until they are ready. */
  reload(role: Role): Promise<void>;
  /** Resolves when the process is ready: at once where it is. */
  untilReady(name: ProcessName): Promise<void>;
  /** Rejects when a process keeps failing and is given up; never resolves. The others still run then. */
  readonly failure: Promise<never>;
  /** Stops all within 10 s. */
  stop(): Promise<void>;
}

/** Whoever takes requests stops first, what others depend on last. */
function stopOrder(settings: StackSettings): ProcessName[] {
  return [
    "api",
    ...processNames("worker", settings),
    "ingest",
    "clickhouse",
    "kafka",
    "temporal",
  ];
}

/** How long what is given up may take to clear up, in milliseconds. */
const giveUpWithinMs = 2000;

/**
 * Starts a stack; resolves when all of it is ready. Where it cannot, nothing is left running.
 *
 * @throws SettingsError, ConfigError, DataFolderInUseError, PortsTakenError, ToolsMissingError or ProcessFailedError, whose messages
 * are for the person who started it.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const settings = readStackSettings(options.environment);
  const { output } = options;
  const folder = await openDataFolder(settings.TURNLOG_DATA, output.line);
  const supervisor = new Supervisor({
    onLine: options.onLine ?? ((name, line) => output.line(`${name.padEnd(10)} | ${line}`)),
    onChange: folder.record,
  });
  const givingUp = new AbortController();
  const signal = AbortSignal.any([givingUp.signal, ...(options.signal ? [options.signal] : [])]);
  let startup: Startup | undefined;
  let running: Promise<void> | undefined;
  try {
    startup = new Startup({ options, settings, folder, supervisor, signal });
    running = startup.run();
    await Promise.race([running, supervisor.failure, whenAborted(signal)]);
    return runningStack(startup, { supervisor, folder });
  } catch (error) {
    givingUp.abort();
    await supervisor.stop(stopOrder(settings));
    await startup?.supervisorServer?.close();
    // An install that was given up takes away what it has of the engine.
    const cleared = new AbortController();
    await Promise.race([running?.catch(() => {}), sleep(giveUpWithinMs, cleared.signal)]);
    cleared.abort();
    folder.close();
    throw error;
  }
}

/** The way of a stack from nothing to ready. */
class Startup {
  readonly settings: StackSettings;
  readonly addresses: EngineAddresses;
  readonly processOptions: StackProcessesOptions;
  readonly roles: Role[];
  /** Where the api asks for changes of the servers of models; undefined where none is run here. */
  supervisorServer: SupervisorServer | undefined;
  readonly #engines: EngineName[];
  readonly #embedded: EngineName[];
  readonly #keepsTrying: boolean;
  readonly #output: Output;
  readonly #supervisor: Supervisor;
  readonly #signal: AbortSignal;

  constructor({ options, settings, folder, supervisor, signal }: {
    options: StackOptions;
    settings: StackSettings;
    folder: DataFolder;
    supervisor: Supervisor;
    signal: AbortSignal;
  }) {
    this.settings = settings;
    this.roles = options.roles ?? settings.TURNLOG_ROLES;
    this.#engines = options.engines ?? neededEngines(this.roles);
    this.#embedded = withoutAddress(this.#engines, settings);
    this.addresses = engineAddresses(this.#embedded, settings);
    this.processOptions = {
      settings,
      addresses: this.addresses,
      runFolder: folder.runFolder,
      environment: options.environment,
    };
    this.#keepsTrying = options.keepsTrying ?? false;
    this.#output = options.output;
    this.#supervisor = supervisor;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const config = await this.#readConfig();
    checkSettings(this.roles, config, this.processOptions);
    const models = config === null ? [] : modelServers(config, this.processOptions.environment);
    checkPorts([
      ...this.#appPort(),
      ...enginePorts(this.#embedded, this.settings),
      ...models.map(({ port }) => port),
    ]);
    if (models.length > 0) {
      const servers = new ModelServerProcesses(models, this.#supervisor, this.#output.line);
      this.supervisorServer = serveSupervisor(servers);
      this.processOptions.supervisor = this.supervisorServer;
      servers.startAll();
    }
    await Promise.all([this.#startEngines(), this.writeBundle()]);
    await Promise.all(
      this.roles.flatMap((role) => processNames(role, this.settings))
        .map((name) => this.#startProcess(name)),
    );
  }

  /** Bundles the workflow code for the processes that run it, if there is to be one. */
  async writeBundle(): Promise<void> {
    if (!this.roles.some((role) => role === "worker" || role === "api")) return;
    await this.#supervisor.run("bundle", bundleTask(this.processOptions));
  }

  /** Applies migrations and whatever else the engines and the store must have. */
  async setUp(): Promise<void> {
    const step = this.#output.step("Setup");
    step.says("topics, tables and search attributes");
    const task = setupTask(this.#engines, this.#embedded, this.processOptions);
    await this.#supervisor.run("setup", task);
    step.done("topics, tables and search attributes are there");
  }

  async #startEngines(): Promise<void> {
    const { settings, processOptions: { runFolder, environment } } = this;
    const engines = embeddedEngines(this.#embedded, { settings, runFolder, environment }, {
      cache: settings.TURNLOG_CACHE,
      output: this.#output,
      supervisor: this.#supervisor,
      signal: this.#signal,
    });
    await checkTools(await Promise.all(engines.map((engine) => engine.chooseWay())));
    await Promise.all(engines.map((engine) => engine.acquire()));
    // Setup waits for each engine by itself.
    await Promise.all([...engines.map((engine) => engine.start()), this.setUp()]);
  }

  async #startProcess(name: RoleProcessName): Promise<void> {
    const step = this.#output.step(name);
    step.says("starting");
    await this.#supervisor.start({
      ...stackProcess(name, this.processOptions),
      keepsTrying: this.#keepsTrying,
    });
    step.done("ready");
  }

  /** @throws ConfigError as the api would, but before all its engines are up. */
  async #readConfig(): Promise<TurnlogConfig | null> {
    return this.roles.includes("api") ? await readConfigFile(this.settings.TURNLOG_CONFIG) : null;
  }

  #appPort() {
    if (!this.roles.includes("api")) return [];
    return [{
      host: this.settings.TURNLOG_HOST,
      hostVariable: "TURNLOG_HOST",
      port: this.settings.TURNLOG_PORT,
      purpose: "the app",
      variable: "TURNLOG_PORT",
    }];
  }
}

function runningStack(
  startup: Startup,
  { supervisor, folder }: { supervisor: Supervisor; folder: DataFolder },
): Stack {
  return {
    settings: startup.settings,
    url: appAddress(startup.settings),
    addresses: startup.addresses,
    variables: addressVariables(startup.addresses),
    failure: supervisor.failure,
    processes: () =>
      supervisor.names.map((name) => {
        const { pid, starts } = supervisor.process(name);
        return { name: name as ProcessName, pid, starts };
      }),
    kill: (name, signal = "SIGKILL") => supervisor.process(name).kill(signal),
    async reload(role) {
      if (role === "worker") await startup.writeBundle();
      if (role === "ingest") await startup.setUp();
      const names = processNames(role, startup.settings);
      await Promise.all(names.map((name) => supervisor.process(name).restart()));
    },
    untilReady: (name) => supervisor.process(name).untilReady(),
    async stop() {
      await supervisor.stop(stopOrder(startup.settings));
      await startup.supervisorServer?.close();
      folder.close();
    },
  };
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
