/** The processes of Turnlog itself, as a stack runs them. */
import type { Supervisor } from "../api/server_processes.ts";
import { readinessOf } from "../events/health_server.ts";
import { appAddress } from "./app_address.ts";
import type { Role, StackSettings } from "./config.ts";
import { processesFileOf } from "./data_folder.ts";
import { freePorts } from "./ports.ts";
import type { EngineAddresses, EngineName } from "./engine_addresses.ts";
import type { ProcessDefinition } from "./supervised_process.ts";
import type { Task } from "./supervisor.ts";

/** How long the embedded Temporal keeps a run after its end. The turns themselves are in the store. */
const retentionDays = 7;

export interface StackProcessesOptions {
  settings: StackSettings;
  addresses: EngineAddresses;
  runFolder: string;
  /** Where the api starts and stops servers of models; absent where none is run here. */
  supervisor?: Supervisor;
  /** That of whoever starts: the processes get all of it, since models' keys have names of the user's choice. */
  environment: Record<string, string>;
}

/** A role, or one of several workers. */
export type RoleProcessName = Role | `worker-${number}`;

/** @returns The names of the processes that carry out a role: the first one has the role's. */
export function processNames(role: Role, { TURNLOG_WORKERS }: StackSettings): RoleProcessName[] {
  if (role !== "worker") return [role];
  const others = Array.from(
    { length: TURNLOG_WORKERS - 1 },
    (_, index): RoleProcessName => `worker-${index + 2}`,
  );
  return [role, ...others];
}

export function stackProcess(
  name: RoleProcessName,
  options: StackProcessesOptions,
): ProcessDefinition {
  const { settings } = options;
  const common = processEnvironment(options);
  switch (name) {
    case "api":
      return process("api", "api/main.ts", {
        ...common,
        TURNLOG_HOST: settings.TURNLOG_HOST,
        TURNLOG_PORT: String(settings.TURNLOG_PORT),
        TURNLOG_WORKFLOW_BUNDLE: bundleFile(options),
        // It only reads, so it gets the user who may only read.
        CLICKHOUSE_URL: options.addresses.clickhouse,
        ...(options.supervisor && {
          TURNLOG_SUPERVISOR_URL: options.supervisor.url,
          TURNLOG_SUPERVISOR_TOKEN: options.supervisor.token,
        }),
      }, appAddress(settings));
    case "ingest": {
      const [port] = freePorts(1);
      const ingest = process("ingest", "analytics/ingest_main.ts", {
        ...common,
        TURNLOG_HEALTH_PORT: String(port),
        TURNLOG_PROCESSES_FILE: processesFileOf(options.runFolder),
      }, `http://127.0.0.1:${port}`);
      return { ...ingest, yieldsProcessors: true };
    }
    default: {
      const [port] = freePorts(1);
      return process(name, "workflows/worker.ts", {
        ...common,
        TURNLOG_WORKFLOW_BUNDLE: bundleFile(options),
        TURNLOG_HEALTH_PORT: String(port),
      }, `http://127.0.0.1:${port}`);
    }
  }
}

/** @returns The command that bundles the workflow code, so that the worker need not load what does it. */
export function bundleTask(options: StackProcessesOptions): Task {
  return script(["workflows/bundle.ts", bundleFile(options)], processEnvironment(options));
}

/**
 * @param engines Those to set up; the store always is.
 * @param embedded Those that are started here: only they are told how long to keep what they have.
 */
export function setupTask(
  engines: EngineName[],
  embedded: EngineName[],
  options: StackProcessesOptions,
): Task {
  return script(["scripts/setup.ts", "store", ...engines], {
    ...processEnvironment(options),
    // The embedded one has a reader by itself.
    ...(embedded.includes("clickhouse") && { CLICKHOUSE_READER_URL: "" }),
    ...(embedded.includes("temporal") &&
      { TURNLOG_TEMPORAL_RETENTION_DAYS: String(retentionDays) }),
  });
}

/** @returns The variables with the addresses of a stack, for its processes, its clients and its tests. */
export function addressVariables(addresses: EngineAddresses): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: addresses.temporal,
    ...(addresses.temporalUi !== undefined && { TEMPORAL_UI_URL: addresses.temporalUi }),
    KAFKA_BROKERS: addresses.kafka,
    CLICKHOUSE_URL: addresses.clickhouseForWriting,
  };
}

function process(
  name: RoleProcessName,
  file: string,
  environment: Record<string, string>,
  address: string,
): ProcessDefinition {
  return {
    ...script([file], environment),
    name,
    checkReadiness: () => readinessOf(() => askReadiness(address)),
    readyWithinMs: 60_000,
  };
}

/** Idle processes keep as much garbage as fits before they look at it: 25 MB each instead of 50. */
const v8Flags = ["--v8-flags=--max-semi-space-size=8"];

function script(args: string[], environment: Record<string, string>): Task {
  return { command: Deno.execPath(), args: ["run", "-A", ...v8Flags, ...args], environment };
}

function processEnvironment(
  { settings, addresses, environment }: StackProcessesOptions,
): Record<string, string> {
  return {
    ...environment,
    ...addressVariables(addresses),
    TEMPORAL_NAMESPACE: settings.TEMPORAL_NAMESPACE,
    TURNLOG_DATA: settings.TURNLOG_DATA,
    TURNLOG_CONFIG: settings.TURNLOG_CONFIG,
  };
}

function bundleFile({ runFolder }: StackProcessesOptions): string {
  return `${runFolder}/workflow_bundle.js`;
}

/** @throws Error with what the process waits for. */
async function askReadiness(address: string): Promise<void> {
  const response = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(2000) });
  const states = await response.text();
  if (!response.ok) throw new Error(states);
}
