/**
 * `deno task chaos`: kills every process and engine under load, and checks that nothing was lost or doubled.
 *
 * usage: deno task chaos [--turns N]
 */
import { parseArgs } from "node:util";
import { readTestEnvironment } from "./config.ts";
import { runCrashScenario } from "./load/crash_scenario.ts";
import { silentOutput } from "./output.ts";
import { freePortVariables } from "./ports.ts";
import { startStack } from "./stack.ts";

const tokens = 300;

/** A model that writes for six seconds, so that every kill meets answers in the middle. */
const models = `
providers:
  simulated: { kind: simulated }
models:
  chaos: { provider: simulated, parameters: { firstTokenMs: 100, tokenMs: 20, tokens: ${tokens} } }
routes:
  default: { candidates: [chaos], retry: { attempts: 5 } }
`;

/** Far enough from each other that each one is back before the next one goes. */
const kills = [
  { name: "worker", atMs: 3_000 },
  { name: "api", atMs: 9_000 },
  { name: "ingest", atMs: 12_000 },
  { name: "kafka", atMs: 15_000 },
  { name: "temporal", atMs: 23_000 },
  { name: "clickhouse", atMs: 29_000 },
] as const;

async function main(): Promise<number> {
  const { values } = parseArgs({ args: Deno.args, options: { turns: { type: "string" } } });
  const turns = Number(values.turns ?? 100);
  if (!Number.isInteger(turns) || turns < 1) {
    console.error(`Cannot run ${values.turns} turns: --turns takes a whole number from 1`);
    return 2;
  }
  const folder = await Deno.makeTempDir({ prefix: "turnlog_chaos_" });
  await Deno.writeTextFile(`${folder}/turnlog.yaml`, models);
  const stack = await startStack({
    environment: {
      ...readTestEnvironment(),
      ...freePortVariables(),
      TURNLOG_DATA: `${folder}/data`,
      TURNLOG_CONFIG: `${folder}/turnlog.yaml`,
    },
    output: silentOutput,
  });
  const beganMs = performance.now();
  try {
    const { problems, ...counts } = await runCrashScenario({
      stack,
      turns,
      everyMs: 30_000 / turns,
      model: "chaos",
      tokens,
      kills: [...kills],
      log: (line) =>
        console.log(`${((performance.now() - beganMs) / 1000).toFixed(1).padStart(6)} s  ${line}`),
    });
    console.table(counts);
    console.log(problems.length === 0 ? "Nothing was lost or doubled" : problems.join("\n"));
    return problems.length === 0 ? 0 : 1;
  } finally {
    await stack.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
