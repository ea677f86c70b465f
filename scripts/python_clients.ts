/** The Python that tests of clients run: ClickHouse's, OpenAI's and Anthropic's, in a virtual environment in the cache. */
import { createHash } from "node:crypto";
import { fillOnce } from "./engines/cache.ts";
import { outputOf, runCommand } from "./run_command.ts";

/** Pinned, so that a run today is a run tomorrow; pandas is what notebooks have their rows in. */
const packages = [
  "anthropic==2.13.0",
  "clickhouse-connect==1.12.0",
  "openai==3.57.0",
  "pandas==3.1.1",
];
/** Other packages are another folder. */
const packagesHash = createHash("sha256").update(packages.join()).digest("hex").slice(0, 12);

/**
 * @param cache The folder of the cache.
 * @param environment For pip, which reads its registry and its proxy from there.
 * @returns The path of the Python to run, installed first where that is possible; else why there is none.
 */
export async function findPythonClients(
  cache: string,
  environment: Record<string, string>,
  signal: AbortSignal,
): Promise<string | { reason: string }> {
  const version = await outputOf("python3", [
    "-c",
    "import venv, ensurepip, sys; print(sys.version)",
  ]);
  if (version === null) {
    return { reason: "Python 3 with venv is not there: apt-get install python3-venv" };
  }
  const [number] = version.split(" ");
  const folder = `${cache}/python_clients-${packagesHash}-python-${number}-${Deno.build.arch}`;
  try {
    await fillOnce({
      folder,
      async fill(unfinished) {
        const run = (command: string, args: string[]) =>
          runCommand({ command, args, environment, signal });
        await run("python3", ["-m", "venv", unfinished]);
        // By its module: the folder is renamed, and scripts name the Python that they were made for.
        await run(`${unfinished}/bin/python`, ["-m", "pip", "install", "--quiet", ...packages]);
      },
      onWait() {},
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const detail = error instanceof Error ? error.message : error;
    return { reason: `The clients for Python could not be installed: ${detail}` };
  }
  return `${folder}/bin/python`;
}
