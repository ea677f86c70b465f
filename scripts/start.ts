/** `deno task start`: gets and starts everything that Turnlog takes, says where it is, and stops it all on Ctrl-C. */
import { fileURLToPath } from "node:url";
import type { ModelView } from "../events/contract/api.ts";
import { readEnvironment } from "./config.ts";
import { formatDuration, type Output, standardOutput } from "./output.ts";
import { type Stack, startStack } from "./stack.ts";
import { parseFlags, runTask } from "./task.ts";
import { watchSources } from "./watch.ts";

const usage = `usage: deno task start [--port N] [--data FOLDER] [--config FILE] [--watch]

  --port N       the app's port (TURNLOG_PORT, 8000)
  --data FOLDER  where everything is kept that must survive (TURNLOG_DATA, .turnlog)
  --config FILE  models, routes and experiments (TURNLOG_CONFIG, deploy/turnlog.yaml)
  --watch        restart what a changed source file belongs to
  All other settings are environment variables; .env.example lists them.`;

async function main(args: string[]): Promise<number> {
  const { values: flags } = parseFlags({
    args,
    options: {
      port: { type: "string" },
      data: { type: "string" },
      config: { type: "string" },
      watch: { type: "boolean" },
    },
  });
  // Whoever starts it from elsewhere means the same files.
  Deno.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const output = standardOutput();
  const interrupted = listenForInterrupts();
  try {
    return await runUntilInterrupted({
      environment: readEnvironment({ port: flags.port, data: flags.data, config: flags.config }),
      watch: flags.watch ?? false,
      output,
      interrupted,
    });
  } finally {
    output.close();
  }
}

async function runUntilInterrupted({ environment, watch, output, interrupted }: {
  environment: Record<string, string>;
  watch: boolean;
  output: Output;
  interrupted: AbortSignal;
}): Promise<number> {
  const beganAt = Date.now();
  let stack: Stack;
  try {
    output.line("Turnlog is starting");
    stack = await startStack({ environment, output, keepsTrying: watch, signal: interrupted });
  } catch (error) {
    if (interrupted.aborted) {
      output.line("Stopped before it was ready");
      return 0;
    }
    output.line(`\n${explain(error, environment.TURNLOG_DATA || ".turnlog")}`);
    return 1;
  }
  output.line(`Ready in ${formatDuration(Date.now() - beganAt)}\n\n${await addressTable(stack)}\n`);
  const watcher = watch ? watchSources(stack, output) : undefined;
  const failure = await Promise.race([
    new Promise<null>((resolve) => onAbort(interrupted, () => resolve(null))),
    stack.failure.catch((error: Error) => error),
    unexpectedError(),
  ]);
  watcher?.close();
  output.line(failure === null ? "Stopping" : `\n${failure.message}\nStopping`);
  const stoppingAt = Date.now();
  await stack.stop();
  output.line(`Stopped in ${formatDuration(Date.now() - stoppingAt)}`);
  return failure === null ? 0 : 1;
}

/** Whatever met the full disk first, and however it says so, the folder is what the person can do something about. */
function explain(error: unknown, dataFolder: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!/no space left|ENOSPC|disk is full/i.test(message)) return message;
  return `${message}\nThe disk of the data folder ${dataFolder} is full: make room, or name another with --data`;
}

/** @returns Aborted at the first Ctrl-C or SIGTERM, or when the terminal is closed. */
function listenForInterrupts(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => controller.abort());
  }
  return controller.signal;
}

function onAbort(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener("abort", then, { once: true });
}

/** Resolves with an error that nobody handles: it must not end this program before all is stopped. */
function unexpectedError(): Promise<Error> {
  return new Promise((resolve) => {
    globalThis.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      resolve(event.reason instanceof Error ? event.reason : new Error(String(event.reason)));
    });
  });
}

async function addressTable(stack: Stack): Promise<string> {
  const { settings, addresses, url } = stack;
  const rows: [string, string][] = [];
  if (settings.TURNLOG_ROLES.includes("api")) {
    rows.push(["App", url], ["Dashboard", `${url}/analytics`], ["API", `${url}/api/docs`]);
  }
  rows.push(
    ["Temporal", addresses.temporalUi ?? addresses.temporal],
    // Without the user and password that an address may hold.
    ["ClickHouse", addresses.clickhouse.replace(/\/\/[^@/]*@/, "//")],
    ["Kafka", addresses.kafka],
    ["Data", settings.TURNLOG_DATA],
  );
  if (settings.TURNLOG_ROLES.includes("api")) rows.push(["Answers", await whoAnswers(url)]);
  return rows.map(([title, value]) => `  ${title.padEnd(12)} ${value}`).join("\n");
}

/** @returns Which models the route `default` tries. */
async function whoAnswers(url: string): Promise<string> {
  const response = await fetch(`${url}/api/models`);
  const { items }: { items: ModelView[] } = await response.json();
  const route = items.find(({ name }) => name === "default");
  if (route === undefined) return "as deploy/turnlog.yaml says";
  if (route.simulated) {
    return "simulated, without a model: set VLLM_URL, OPENAI_API_KEY or ANTHROPIC_API_KEY";
  }
  const candidates = route.candidates.flatMap((candidate) =>
    items.find(({ name }) => name === candidate) ?? []
  );
  const namesOf = (models: ModelView[]) => models.map(({ name }) => name).join(", then ");
  const available = namesOf(candidates.filter(({ available }) => available));
  const loading = namesOf(candidates.filter(({ state }) => state === "loading"));
  return available || (loading && `${loading}, when ready`) || (route.reason ?? "nobody");
}

if (import.meta.main) await runTask({ usage, run: main });
