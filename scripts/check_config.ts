/**
 * `deno task check-config`: checks `turnlog.yaml`, and says which models can answer as things are.
 *
 * usage: deno task check-config [file]
 */
import { ConfigError, readConfigFile } from "../api/config_file.ts";
import { configuredCandidates, resolveProvider } from "../api/planner.ts";
import { readEnvironment, readStackSettings } from "./config.ts";

async function main(): Promise<void> {
  const environment = readEnvironment({ config: Deno.args[0] });
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

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
