/**
 * The servers of models that a start runs itself, where `turnlog.yaml` says how (`serve`): what is run, and where it
 * listens. The api shows them as loading until they answer; the rest of the stack does not wait for them, and goes on
 * without one that cannot be run.
 */
import type { TurnlogConfig } from "../api/config_schema.ts";
import { resolveProvider } from "../api/planner.ts";
import { readinessOf } from "../events/health_server.ts";
import type { WantedPort } from "./ports.ts";
import type { ProcessDefinition } from "./supervised_process.ts";

export interface ModelServerProcess {
  /** As in `turnlog.yaml`. */
  provider: string;
  definition: ProcessDefinition;
  /** Where it is to listen. */
  port: WantedPort;
}

/** How long one question for its health may take. */
const healthMs = 2000;

/** @param environment That of whoever starts: the servers get all of it, and what `serve` adds. */
export function modelServers(
  config: TurnlogConfig,
  environment: Record<string, string>,
): ModelServerProcess[] {
  return Object.entries(config.providers).flatMap(([name, { serve, vllm }]) => {
    const { baseUrl } = resolveProvider(config, name, (variable) => environment[variable]);
    // Without its address, as where its variable is not set, it is not wanted.
    if (serve === undefined || baseUrl === undefined) return [];
    const [command, ...args] = serve.command;
    const { origin, hostname, port, protocol } = new URL(baseUrl);
    return [{
      provider: name,
      definition: {
        name: `model-${name}`,
        command,
        args,
        environment: { ...environment, ...serve.environment },
        checkReadiness: () =>
          readinessOf(() => ask(vllm ? `${origin}/health` : `${baseUrl}/models`)),
        readyWithinMs: serve.readyWithinMs,
        isEssential: false,
      },
      port: {
        host: hostname,
        port: Number(port) || (protocol === "https:" ? 443 : 80),
        purpose: `the server of ${name}`,
        variable: `providers.${name}.baseUrl of turnlog.yaml, and the command of its serve,`,
      },
    }];
  });
}

/** @throws Error with what the server answers. */
async function ask(address: string): Promise<void> {
  const response = await fetch(address, { signal: AbortSignal.timeout(healthMs) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answers ${response.status}`);
}
