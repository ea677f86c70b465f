/** `deno task bench`: measures Turnlog on this machine, prints a table and writes it to `bench/` as JSON. */
import { cpus } from "node:os";
import { measureExperiment, tenMillionEvents } from "./bench/experiment.ts";
import { allGateways, measureGateway } from "./bench/gateway.ts";
import { measureIngest } from "./bench/ingest.ts";
import { measureLag, models as lagModels } from "./bench/lag.ts";
import type { Figure } from "./bench/measurement.ts";
import { measureMemory } from "./bench/memory.ts";
import { measureSoak, models as soakModels, twentyThousandTurns } from "./bench/soak.ts";
import { measureStop } from "./bench/stop.ts";
import { measureStreams, thousandStreams } from "./bench/streams.ts";
import { measureTurn, models as turnModels } from "./bench/turn.ts";
import { measureViews, oneAndTenMillion } from "./bench/views.ts";
import { startMockOpenAi } from "./load/mock_openai.ts";
import { withTemporaryStack } from "./load/temporary_stack.ts";
import { FlagsError, parseFlags, requireKnown, runTask } from "./task.ts";

/** Each measurement by its name, on a stack of its own; `views` may be told which ones alone. */
const measurements: Record<string, (views: string[]) => Promise<Figure[]>> = {
  async turn() {
    const mock = startMockOpenAi();
    try {
      const variables = { VLLM_URL: mock.url };
      return await withTemporaryStack(
        { models: turnModels, variables },
        (stack) => measureTurn(stack, mock),
      );
    } finally {
      await mock.close();
    }
  },
  stop: measureStop,
  lag: () => withTemporaryStack({ models: lagModels }, measureLag),
  ingest: () =>
    withTemporaryStack(
      { models: lagModels, engines: ["kafka", "clickhouse"], roles: [] },
      measureIngest,
    ),
  memory: () => withTemporaryStack({ models: lagModels }, measureMemory),
  gateway: async () => requireExact(await measureGateway(allGateways)),
  streams: async () => requireExact(await measureStreams(thousandStreams)),
  views: (views) =>
    withTemporaryStack(
      { models: "", engines: ["clickhouse"], roles: [] },
      (stack) => measureViews(stack, oneAndTenMillion, views),
    ),
  experiment: () =>
    withTemporaryStack(
      { models: "", engines: ["clickhouse"], roles: [] },
      (stack) => measureExperiment(stack, tenMillionEvents),
    ),
  soak: () =>
    withTemporaryStack({ models: soakModels }, (stack) => measureSoak(stack, twentyThousandTurns)),
};

/** @throws Error that tells what was lost, where something was. */
function requireExact({ figures, problems }: { figures: Figure[]; problems: string[] }): Figure[] {
  if (problems.length === 0) return figures;
  print(figures);
  throw new Error(
    `${problems.length} answers were not exact:\n${problems.slice(0, 20).join("\n")}`,
  );
}

async function record(name: string, figures: Figure[]): Promise<void> {
  const folder = new URL("../bench/", import.meta.url);
  await Deno.mkdir(folder, { recursive: true });
  const { deno } = Deno.version;
  const machine = { cores: cpus().length, model: cpus()[0].model, system: Deno.build.os, deno };
  const measured = { name, measuredAt: new Date().toISOString(), machine, figures };
  const json = JSON.stringify(measured, null, 2);
  await Deno.writeTextFile(new URL(`${name}.json`, folder), `${json}\n`);
}

function print(figures: Figure[]): void {
  for (const { what, value, unit, against } of figures) {
    const comparison = against
      ? `  ${(value / against.value).toFixed(2)} × ${against.what} (${
        against.value.toFixed(1)
      } ${unit})`
      : "";
    console.log(`${value.toFixed(1).padStart(9)} ${unit}  ${what}${comparison}`);
  }
}

const usage = `usage: deno task bench [NAME …] [--view VIEW]…

  NAME         ${Object.keys(measurements).join(", ")}; all where none is named
  --view VIEW  views measures this one alone; may be given several times`;

async function main(args: string[]): Promise<void> {
  const { positionals, values } = parseFlags({
    args,
    allowPositionals: true,
    options: { view: { type: "string", multiple: true, default: [] } },
  });
  const known = Object.keys(measurements);
  requireKnown(positionals, known, "measure");
  const names = positionals.length > 0 ? positionals : known;
  if (values.view.length > 0 && !names.includes("views")) {
    throw new FlagsError("--view: only views measures single ones; name it as well");
  }
  for (const name of names) {
    console.log(`\n${name}`);
    const figures = await measurements[name](values.view);
    print(figures);
    await record(name, figures);
  }
}

if (import.meta.main) await runTask({ usage, run: main });
