/**
 * `deno task chaos`: kills every process and engine under load, and checks that nothing was lost or doubled; with `storm`,
 * kills workers again and again, and tells how long answers stood still.
 *
 * usage: deno task chaos [--turns N]
 *        deno task chaos storm
 */
import { parseArgs } from "node:util";
import { quantile } from "./bench/measurement.ts";
import { runCrashScenario } from "./load/crash_scenario.ts";
import { runStorm } from "./load/storm.ts";
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

/** A minute of kills, each three seconds after the one before, and a model that writes for ten seconds. */
const storm = { users: 200, kills: 20, everyMs: 3000, tokens: 100, workers: 3 };
const stormModels = `
providers:
  simulated: { kind: simulated }
models:
  storm: { provider: simulated, parameters: { firstTokenMs: 100, tokenMs: 100, tokens: ${storm.tokens} } }
routes:
  default: { candidates: [storm] }
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    options: { turns: { type: "string" } },
    allowPositionals: true,
  });
  if (positionals.length > 0) {
    if (positionals.join() === "storm") return await weatherStorm();
    console.error(`Cannot run ${positionals.join(" ")}: there is storm, or nothing for all kills`);
    return 2;
  }
  const turns = Number(values.turns ?? 100);
  if (!Number.isInteger(turns) || turns < 1) {
    console.error(`Cannot run ${values.turns} turns: --turns takes a whole number from 1`);
    return 2;
  }
  return await withTemporaryStack({ models }, async (stack) => {
    const { problems, ...counts } = await runCrashScenario({
      stack,
      turns,
      everyMs: 30_000 / turns,
      model: "chaos",
      tokens,
      kills: [...kills],
      log: timedLog(),
    });
    console.table(counts);
    return conclude(problems);
  });
}

async function weatherStorm(): Promise<number> {
  const { workers, ...rest } = storm;
  // The api would write half of the answers itself, and is not killed here.
  const variables = { TURNLOG_WORKERS: String(workers), TURNLOG_API_TURNS: "0" };
  return await withTemporaryStack({ models: stormModels, variables }, async (stack) => {
    const log = timedLog();
    const { problems, takenOverMs, resumedMs, ...counts } = await runStorm({
      ...rest,
      stack,
      model: "storm",
      log,
    });
    console.table({
      users: rest.users,
      workers,
      ...counts,
      ...quantiles("takenOverMs", takenOverMs),
      ...quantiles("resumedMs", resumedMs),
    });
    return conclude(problems);
  });
}

function quantiles(name: string, values: readonly number[]): Record<string, number> {
  const of = (share: number) => Math.round(quantile(values, share));
  return {
    [`${name} count`]: values.length,
    [`${name} p50`]: of(0.5),
    [`${name} p95`]: of(0.95),
    [`${name} max`]: of(1),
  };
}

function conclude(problems: readonly string[]): number {
  console.log(problems.length === 0 ? "Nothing was lost or doubled" : problems.join("\n"));
  return problems.length === 0 ? 0 : 1;
}

function timedLog(): (line: string) => void {
  const beganMs = performance.now();
  return (line) =>
    console.log(`${((performance.now() - beganMs) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

if (import.meta.main) Deno.exit(await main());
