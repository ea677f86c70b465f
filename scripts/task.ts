/** What every task that `deno task` runs has in common: `--help`, flags that are held to those it knows, and how it ends. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { SettingsError } from "../events/read_settings.ts";

/** The arguments of a task cannot be used; the message says which and why, and the task's usage is shown beneath. */
export class FlagsError extends Error {
  override name = "FlagsError";
}

export interface TaskOptions {
  /** All that may stand behind the task's name. */
  usage: string;
  /** @returns The exit status, 0 where it says none. */
  run(args: string[]): Promise<number | void>;
  /** Errors of which the message says all that a person needs, beside those of flags and settings. */
  expected?: (abstract new (...args: never[]) => Error)[];
}

/** Runs a task and ends the process: with 2 where it was asked wrongly, and with 1 where it failed. */
export async function runTask({ usage, run, expected = [] }: TaskOptions): Promise<never> {
  if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
    console.log(usage);
    Deno.exit(0);
  }
  try {
    Deno.exit(await run(Deno.args) ?? 0);
  } catch (error) {
    if (error instanceof FlagsError) {
      console.error(`${error.message}\n\n${usage}`);
      Deno.exit(2);
    }
    const isExpected = [SettingsError, ...expected].some((kind) => error instanceof kind);
    console.error(isExpected ? (error as Error).message : error);
    Deno.exit(1);
  }
}

/**
 * `parseArgs` of Node, strictly.
 *
 * @throws FlagsError where an argument is none of those that it describes.
 */
export function parseFlags<Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs<Config>(config);
  } catch (error) {
    // What Node adds is about arguments that begin with a dash, of which no task takes any.
    throw new FlagsError((error as Error).message.replace(/\. To specify a positional.*$/s, ""));
  }
}

/**
 * @param doing What is done with them, as in "Cannot measure x".
 * @throws FlagsError that says which names are known, where one is not.
 */
export function requireKnown(
  names: readonly string[],
  known: readonly string[],
  doing: string,
): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new FlagsError(`Cannot ${doing} ${unknown.join(", ")}: there are ${known.join(", ")}`);
}
