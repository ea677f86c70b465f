/**
 * `deno task test`: runs the tests, those across folders against real engines that it starts once, on free ports and
 * in a temporary folder. The last line is `N passed, N failed`, with `, N skipped` where some were.
 */
import { fileURLToPath } from "node:url";
import { chooseTests, needsEngines } from "./choose_tests.ts";
import { findChromium } from "./chromium.ts";
import { isContinuousIntegration, readTestEnvironment } from "./config.ts";
import { fillOnce } from "./engines/cache.ts";
import { chdbInstall } from "./engines/clickhouse.ts";
import { standardOutput } from "./output.ts";
import { freePortVariables } from "./ports.ts";
import { findPythonClients } from "./python_clients.ts";
import { runTests, type TestCounts } from "./run_tests.ts";
import { sourceFiles } from "./source_files.ts";
import { startStack } from "./stack.ts";
import { allEngines } from "./engine_addresses.ts";
import { parseFlags, runTask } from "./task.ts";

const usage = `usage: deno task test [--unit] [WHICH …]

  --unit  only tests that need nothing but their sources
  WHICH   files or folders, or a part of the names of tests; all where none is named`;

async function main(args: string[]): Promise<number> {
  const { values: { unit }, positionals } = parseFlags({
    args,
    options: { unit: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  Deno.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => interrupted.abort());
  }
  const { passed, failed, skipped } = await runWanted(unit, positionals, interrupted.signal)
    .catch((error: Error) => {
      console.error(error.message);
      return { passed: 0, failed: 1, skipped: 0 };
    });
  console.log(
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
  );
  return failed > 0 ? 1 : 0;
}

async function runWanted(
  unit: boolean,
  wanted: string[],
  signal: AbortSignal,
): Promise<TestCounts> {
  const tests = sourceFiles(".").filter((file) => file.endsWith("_test.ts"));
  const candidates = unit ? tests.filter((file) => !needsEngines(file)) : tests;
  const { files, filter } = chooseTests(candidates, wanted);
  const environment = readTestEnvironment();
  if (!files.some(needsEngines)) return await runTests({ files, filter, environment, signal });
  return await withEngines(
    environment,
    signal,
    async (variables) =>
      await runTests({
        files,
        filter,
        environment: {
          ...environment,
          ...variables,
          ...await browserVariables(files, environment),
          ...await pythonVariables(files, variables.TURNLOG_CACHE, environment, signal),
        },
        signal,
      }),
  );
}

/** Runs something with engines, which it gets as variables with their addresses. */
async function withEngines<Result>(
  environment: Record<string, string>,
  signal: AbortSignal,
  run: (variables: Record<string, string>) => Promise<Result>,
): Promise<Result> {
  const data = Deno.makeTempDirSync({ prefix: "turnlog_test_" });
  const output = standardOutput();
  try {
    const stack = await startStack({
      environment: { ...environment, ...freePortVariables(), TURNLOG_DATA: data },
      engines: [...allEngines],
      roles: [],
      output,
      signal,
    });
    try {
      return await run({
        ...stack.variables,
        TURNLOG_CHDB: await chdbFolder(stack.settings.TURNLOG_CACHE, environment, signal),
        TURNLOG_CACHE: stack.settings.TURNLOG_CACHE,
      });
    } finally {
      await stack.stop();
    }
  } finally {
    output.close();
    Deno.removeSync(data, { recursive: true });
  }
}

/** @returns Where chDB is installed, for the tests of the server around it, also where ClickHouse itself is there. */
async function chdbFolder(
  cache: string,
  environment: Record<string, string>,
  signal: AbortSignal,
): Promise<string> {
  const install = chdbInstall({ releases: undefined, environment });
  const folder = `${cache}/${install.folder}`;
  await fillOnce({
    folder,
    fill: (unfinished) => install.fill(unfinished, { detail() {}, signal }),
    onWait() {},
    signal,
  });
  return folder;
}

/** @returns Where the browser is, for the tests that drive one; nothing where there is none, and they are skipped. */
async function browserVariables(
  files: string[],
  environment: Record<string, string>,
): Promise<Record<string, string>> {
  if (!files.some((file) => file.includes("browser"))) return {};
  const chromium = await findChromium(environment);
  if (typeof chromium === "string") return { TURNLOG_CHROMIUM: chromium };
  if (isContinuousIntegration()) throw new Error(`Cannot run the browser test: ${chromium.reason}`);
  console.log(`The browser test is skipped: ${chromium.reason}`);
  return {};
}

/** @returns Where Python is with the clients, for the tests that ask with them; nothing where there is none. */
async function pythonVariables(
  files: string[],
  cache: string,
  environment: Record<string, string>,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  if (!files.some((file) => file.endsWith("_clients_test.ts"))) return {};
  const python = await findPythonClients(cache, environment, signal);
  if (typeof python === "string") return { TURNLOG_PYTHON: python };
  if (isContinuousIntegration()) {
    throw new Error(`Cannot run the tests in Python: ${python.reason}`);
  }
  console.log(`The tests in Python are skipped: ${python.reason}`);
  return {};
}

if (import.meta.main) await runTask({ usage, run: main });
