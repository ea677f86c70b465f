/** A whole Turnlog of one's own, on free ports and in a folder that goes with it: for measurements, chaos and tests. */
import { readTestEnvironment, type Role } from "../config.ts";
import { silentOutput } from "../output.ts";
import { freePortVariables } from "../ports.ts";
import { type Stack, startStack } from "../stack.ts";
import type { EngineName } from "../engine_addresses.ts";
import { stopWhenInterrupted } from "./interrupts.ts";

export interface TemporaryStackOptions {
  /** What stands in its `turnlog.yaml`. */
  models: string;
  /** Settings beside those that lead to its ports and folder. */
  variables?: Record<string, string>;
  /** What it starts; all where it is unset. */
  engines?: EngineName[];
  roles?: Role[];
  /** What its processes print; nothing is shown where it is unset. */
  onLine?(name: string, line: string): void;
}

export interface TemporaryStack {
  stack: Stack;
  /** Stops it, and removes its folder. */
  stop(): Promise<void>;
}

export async function startTemporaryStack(
  { models, variables = {}, engines, roles, onLine = () => {} }: TemporaryStackOptions,
): Promise<TemporaryStack> {
  const folder = await Deno.makeTempDir({ prefix: "turnlog_" });
  await Deno.writeTextFile(`${folder}/turnlog.yaml`, models);
  try {
    const stack = await startStack({
      environment: {
        ...readTestEnvironment(),
        ...freePortVariables(),
        TURNLOG_DATA: `${folder}/data`,
        TURNLOG_CONFIG: `${folder}/turnlog.yaml`,
        // Nobody's doing: it would stand among the events that are counted.
        TURNLOG_SAMPLE_SECONDS: "0",
        ...variables,
      },
      engines,
      roles,
      output: silentOutput,
      onLine,
    });
    return {
      stack,
      async stop() {
        await stack.stop();
        await Deno.remove(folder, { recursive: true });
      },
    };
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

/** Runs something with a stack of its own. Ctrl-C and SIGTERM end this program, and the stack before it. */
export async function withTemporaryStack<Result>(
  options: TemporaryStackOptions,
  run: (stack: Stack) => Promise<Result>,
): Promise<Result> {
  const { stack, stop } = await startTemporaryStack(options);
  using _interrupts = stopWhenInterrupted(stop);
  try {
    return await run(stack);
  } finally {
    await stop();
  }
}
