/** Runs a command to its end. */
import { signalGroup } from "./process_identity.ts";
import { readLines } from "./read_lines.ts";

export interface CommandOptions {
  command: string;
  args: string[];
  /** All that the command gets; nothing is passed on by itself. */
  environment: Record<string, string>;
  cwd?: string;
  /** Kills the command and what it started. */
  signal?: AbortSignal;
  onLine?(line: string): void;
  onSpawn?(pid: number): void;
}

/** A command did not end well; the message holds its last lines of output. */
export class CommandFailedError extends Error {
  override name = "CommandFailedError";
}

/** What is kept of the output for an error's message. */
const keptLines = 10;

/** @throws CommandFailedError where it cannot be run, or ends with another code than 0. */
export async function runCommand(options: CommandOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const called = [options.command, ...options.args].join(" ");
  const child = spawn(options, called);
  const kill = () => signalGroup(child.pid, "SIGKILL");
  options.signal?.addEventListener("abort", kill);
  try {
    options.onSpawn?.(child.pid);
    const lastLines: string[] = [];
    await Promise.all([child.stdout, child.stderr].map(async (stream) => {
      for await (const line of readLines(stream)) {
        lastLines.push(line);
        if (lastLines.length > keptLines) lastLines.shift();
        options.onLine?.(line);
      }
    }));
    const { code } = await child.status;
    options.signal?.throwIfAborted();
    if (code !== 0) {
      const printed = lastLines.map((line) => `\n  ${line}`).join("");
      throw new CommandFailedError(`\`${called}\` ended with code ${code}:${printed}`);
    }
  } finally {
    options.signal?.removeEventListener("abort", kill);
  }
}

/** @returns All that a command prints, on both streams; null where it cannot be run or ends badly. */
export async function outputOf(command: string, args: string[]): Promise<string | null> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, { args, stdin: "null" })
      .output();
    const decoder = new TextDecoder();
    return success ? decoder.decode(stdout) + decoder.decode(stderr) : null;
  } catch {
    return null;
  }
}

function spawn(options: CommandOptions, called: string): Deno.ChildProcess {
  try {
    return new Deno.Command(options.command, {
      args: options.args,
      env: options.environment,
      clearEnv: true,
      cwd: options.cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailedError(`\`${called}\` could not be run: ${reason}`);
  }
}
