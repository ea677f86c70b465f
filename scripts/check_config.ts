/** `deno task check-config`: checks `turnlog.yaml`, and says which models can answer as things are. */
import { ConfigError, readConfigFile } from "../api/config_file.ts";
import { configuredCandidates, resolveProvider } from "../api/planner.ts";
import { readEnvironment, readStackSettings } from "./config.ts";
import { FlagsError, parseFlags, runTask } from "./task.ts";

const usage = `usage: deno task check-config [FILE]

  FILE  models, routes and experiments (TURNLOG_CONFIG, deploy/turnlog.yaml)`;

async function main(args: string[]): Promise<void> {
  const { positionals: [file, ...others] } = parseFlags({ args, allowPositionals: true });
  if (others.length > 0) {
    throw new FlagsError(`Cannot check ${others.join(", ")} too: name one file`);
  }
  const environment = readEnvironment({ config: file });
  const readVariable = (name: string) => environment[name] || undefined;
  const path = readStackSettings(environment).TURNLOG_CONFIG;
  const config = await readConfigFile(path);
  console.log(`${path} can be used`);
  for (const [name, { provider }] of Object.entries(config.models)) {
    const { missing } = resolveProvider(config, provider, readVariable);
    console.log(`  model ${name}: ${missing ?? "configured"}`);
  }
  for (const [name, route] of Object.entries(config.routes)) {
    const { candidates, missing } = configuredCandidates(config, route, readVariable);
    const models = candidates.map(({ model }) => model).join(", ");
    console.log(`  route ${name}: ${models || `nobody can answer: ${missing.join("; ")}`}`);
  }
  for (const [name, { status, route, variants }] of Object.entries(config.experiments)) {
    console.log(`  experiment ${name}: ${status} at first, ${Object.keys(variants)} of ${route}`);
  }
}

if (import.meta.main) await runTask({ usage, run: main, expected: [ConfigError] });
