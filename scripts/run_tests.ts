/** Runs `deno test`, shows what it prints, and counts. */
import { CommandFailedError, runCommand } from "./run_command.ts";

export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * @param filter A part of the names of the tests to run; all where undefined.
 * @throws Error where the signal is aborted.
 */
export async function runTests({ files, filter, environment, signal }: {
  files: string[];
  filter: string | undefined;
  environment: Record<string, string>;
  signal: AbortSignal;
}): Promise<TestCounts> {
  let counts: TestCounts | null = null;
  let endedWell = true;
  try {
    await runCommand({
      command: Deno.execPath(),
      // Types are checked once for all files by `deno check`.
      args: ["test", "-A", "--no-check", ...(filter ? ["--filter", filter] : []), ...files],
      environment,
      signal,
      onLine(line) {
        console.log(line);
        counts = readCounts(line) ?? counts;
      },
    });
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error;
    endedWell = false;
  }
  return withEnd(counts, endedWell);
}

/** @returns What the last line of `deno test` says; null for any other line. */
export function readCounts(line: string): TestCounts | null {
  // deno-lint-ignore no-control-regex -- the colours
  const plain = line.replace(/\x1b\[[0-9;]*m/g, "");
  if (!/^(ok|FAILED) \| \d+ passed/.test(plain)) return null;
  const count = (what: string) => Number(plain.match(new RegExp(`(\\d+) ${what}`))?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
}

/** A run that breaks off has failed, whatever it had counted. */
function withEnd(counts: TestCounts | null, endedWell: boolean): TestCounts {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 };
  return { passed, failed: endedWell ? failed : Math.max(1, failed), skipped };
}
