/**
 * `deno task chaos`: kills every process and engine under load, and checks that nothing was lost or doubled.
 *
 * usage: deno task chaos [--turns N]
 */
import { parseArgs } from "node:util";
import { runCrashScenario } from "./load/crash_scenario.ts";
import { withTemporaryStack } from "./load/temporary_stack.ts";

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
  return await withTemporaryStack({ models }, async (stack) => {
    const beganMs = performance.now();
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
  });
}

if (import.meta.main) Deno.exit(await main());
