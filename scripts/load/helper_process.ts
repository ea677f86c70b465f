/** A process beside the measurement: a provider or clients that must not share its event loop. */
import { fileURLToPath } from "node:url";
import { readLines } from "../read_lines.ts";

export interface HelperProcess {
  pid: number;
  /** Its next line; undefined after its end. */
  line(): Promise<string | undefined>;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Starts one of our scripts, which is to end when its input does. What it writes to the error output is shown. */
export function startHelper(script: URL, args: string[] = []): HelperProcess {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(script), ...args],
    // It ends with its parent, however that ends.
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = readLines(process.stdout);
  return {
    pid: process.pid,
    line: async () => (await lines.next()).value,
    async stop() {
      await process.stdin.close();
      await process.status;
      await lines.return(undefined);
    },
  };
}

/** Runs one of our scripts to its end. @returns What it prints as JSON, which may be long. */
export async function runHelper<Result>(script: URL, input: unknown): Promise<Result> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(script), JSON.stringify(input)],
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${fileURLToPath(script)} failed; what it printed stands above`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
