/** One engine of a stack that is started here, on its way from nothing to ready. */
import { acquire, chooseWay, type Way } from "./engines/acquire.ts";
import type { Engine, Found } from "./engines/engine.ts";
import type { Output, Step } from "./output.ts";
import type { ProcessDefinition } from "./supervised_process.ts";
import type { Supervisor } from "./supervisor.ts";

export interface EmbeddedEngineOptions<Place> {
  engine: Engine<Place>;
  /** Writes its settings, and whatever it takes before its process can run. */
  prepare(place: Place): Promise<ProcessDefinition>;
}

export interface StackContext {
  /** The folder of the cache. */
  cache: string;
  output: Output;
  supervisor: Supervisor;
  signal: AbortSignal;
}

export interface EmbeddedEngine {
  /** Finds out how it will be got. The answer is for `checkTools`. */
  chooseWay(): Promise<{ engine: Engine<unknown>; way: Way<unknown> }>;
  /** Gets it in that way, which may take minutes. */
  acquire(): Promise<void>;
  /** Starts it; resolves when it is ready. */
  start(): Promise<void>;
}

export function embeddedEngine<Place>(
  { engine, prepare }: EmbeddedEngineOptions<Place>,
  { cache, output, supervisor, signal }: StackContext,
): EmbeddedEngine {
  let way: Way<Place>;
  let found: Found<Place>;
  let step: Step;
  return {
    async chooseWay() {
      step = output.step(engine.title);
      step.says("looking for it");
      way = await chooseWay(engine, cache);
      return { engine, way };
    },
    async acquire() {
      found = await acquire({ engine, way, cache, step, say: output.line, signal });
      step.done(found.description);
    },
    async start() {
      const starting = output.step(engine.title);
      starting.says("starting");
      await supervisor.start(await prepare(found.place));
      starting.done("ready");
    },
  };
}
