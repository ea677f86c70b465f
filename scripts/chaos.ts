/**
 * `deno task chaos`: kills every process and engine under load, and checks that nothing was lost or doubled; with `storm`,
 * kills workers again and again, and tells how long answers stood still; with `ingest`, kills what brings a million events
 * into ClickHouse.
 */
import { quantile } from "./bench/measurement.ts";
import { runCrashScenario } from "./load/crash_scenario.ts";
import { ingestKills, runIngestChaos } from "./load/ingest_chaos.ts";
import { runStorm } from "./load/storm.ts";
import { withTemporaryStack } from "./load/temporary_stack.ts";
import { FlagsError, parseFlags, requireKnown, runTask } from "./task.ts";

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

/** A minute of kills, each three seconds after the one before, and a model that writes for half a minute. */
const storm = { users: 200, kills: 20, everyMs: 3000, tokens: 300, workers: 3 };
const stormModels = `
providers:
  simulated: { kind: simulated }
models:
  storm: { provider: simulated, parameters: { firstTokenMs: 100, tokenMs: 100, tokens: ${storm.tokens} } }
routes:
  default: { candidates: [storm] }
`;

const scenarios: Record<string, (flags: Flags) => Promise<number>> = {
  all: killAll,
  storm: weatherStorm,
  ingest: floodIngestion,
};

interface Flags {
  /** As many as the scenario has by itself where undefined. */
  turns: number | undefined;
  seed: number;
}

const usage = `usage: deno task chaos [all] [--turns N]
       deno task chaos storm
       deno task chaos ingest [--turns N] [--seed N]

  --turns N  how many turns there are (100; for ingest 200000, of five events each)
  --seed N   the same number kills the same again`;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags({
    args,
    options: { turns: { type: "string" }, seed: { type: "string" } },
    allowPositionals: true,
  });
  const name = positionals.join(" ") || "all";
  requireKnown([name], Object.keys(scenarios), "run");
  return await scenarios[name]({
    turns: wholeNumber("--turns", values.turns),
    seed: wholeNumber("--seed", values.seed) ?? 1 + Math.floor(Math.random() * 1e6),
  });
}

/** @throws FlagsError */
function wholeNumber(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new FlagsError(`${flag}: must be a whole number from 1 (found ${value})`);
}

async function killAll({ turns = 100 }: Flags): Promise<number> {
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

/** A million events, and ten kills, in an order that chance chooses: each is killed, and both engines at the same time too. */
const flood = { turns: 200_000, kills: 10, pauseMsMax: 5000 };

async function floodIngestion({ turns = flood.turns, seed }: Flags): Promise<number> {
  const random = seededRandom(seed);
  const kills = Array.from(
    { length: flood.kills },
    (_, index) => ingestKills[index % ingestKills.length],
  )
    .map((victims) => ({ victims, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ victims }) => victims);
  const { pauseMsMax } = flood;
  const log = timedLog();
  log(`--seed ${seed} kills the same again`);
  const engines = ["kafka", "clickhouse"] as const;
  return await withTemporaryStack(
    { models, engines: [...engines], roles: ["ingest"] },
    async (stack) => {
      const { problems, ...counts } = await runIngestChaos({
        stack,
        turns,
        kills,
        pauseMsMax,
        random,
        log,
      });
      console.table(counts);
      return conclude(problems);
    },
  );
}

async function weatherStorm(_: Flags): Promise<number> {
  const { workers, ...rest } = storm;
  // The api would write half of the answers itself, and is not killed here.
  const variables = { TURNLOG_WORKERS: String(workers), TURNLOG_API_TURNS: "0" };
  return await withTemporaryStack({ models: stormModels, variables }, async (stack) => {
    const log = timedLog();
    const { problems, begunMs, takenOverMs, resumedMs, ...counts } = await runStorm({
      ...rest,
      stack,
      model: "storm",
      log,
    });
    console.table({
      users: rest.users,
      workers,
      ...counts,
      ...quantiles("begunMs", begunMs),
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
  const some = problems.slice(0, 50).join("\n");
  console.log(problems.length === 0 ? "Nothing was lost or doubled" : some);
  return problems.length === 0 ? 0 : 1;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function timedLog(): (line: string) => void {
  const beganMs = performance.now();
  return (line) =>
    console.log(`${((performance.now() - beganMs) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

if (import.meta.main) await runTask({ usage, run: main });
