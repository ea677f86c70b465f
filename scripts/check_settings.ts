/** Checks what each process will find in its environment and in `turnlog.yaml`, before an engine runs for it. */
import { ingestSchema } from "../analytics/config.ts";
import { apiSchema } from "../api/config.ts";
import type { TurnlogConfig } from "../api/config_schema.ts";
import { resolveProvider } from "../api/planner.ts";
import { readSettings, SettingsError, settingsError } from "../events/read_settings.ts";
import { workerSchema } from "../workflows/config.ts";
import { type Role, setupSchema } from "./config.ts";
import { setupTask, stackProcess, type StackProcessesOptions } from "./stack_processes.ts";

const checks: Record<Role, (environment: Record<string, string>) => unknown> = {
  api: (environment) => readSettings(apiSchema, environment),
  worker: (environment) => readSettings(workerSchema, environment),
  ingest: (environment) => readSettings(ingestSchema, environment),
};

/**
 * @param config Null where no process reads it.
 * @throws SettingsError with a line for each setting that cannot be used, whichever process it is for.
 */
export function checkSettings(
  roles: readonly Role[],
  config: TurnlogConfig | null,
  options: StackProcessesOptions,
): void {
  const problems = [
    ...problemsOf(() => readSettings(setupSchema, setupTask([], [], options).environment)),
    ...roles.flatMap((role) =>
      problemsOf(() => checks[role](stackProcess(role, options).environment))
    ),
    ...(config === null ? [] : wrongAddresses(config, options.environment)),
  ];
  if (problems.length > 0) throw settingsError([...new Set(problems)]);
}

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

/** An address that is not set leaves its models out; one that is set and is none is a mistake. */
function wrongAddresses(config: TurnlogConfig, environment: Record<string, string>): string[] {
  return Object.keys(config.providers).flatMap((name) => {
    const { missing, isMistake } = resolveProvider(
      config,
      name,
      (variable) => environment[variable] || undefined,
    );
    const { baseUrl } = config.providers[name];
    return isMistake ? [`${[baseUrl].flat().join(", ")} in turnlog.yaml: ${missing}`] : [];
  });
}
