/** One process that is kept running: started, watched until it is ready, started again when it ends, and stopped. */
import { sleep } from "../events/sleep.ts";
import { endProcessGroup, signalGroup } from "./process_identity.ts";
import { yieldProcessors } from "./process_priority.ts";
import { readLines } from "./read_lines.ts";

export interface ProcessDefinition {
  /** Short and unique: it stands before each line that the process prints. */
  name: string;
  command: string;
  args: string[];
  /** All that the process gets; nothing is passed on by itself. */
  environment: Record<string, string>;
  cwd?: string;
  /** @returns `ok`, or what it waits for. */
  checkReadiness(): Promise<string>;
  /** How long its first start may take, in milliseconds. */
  readyWithinMs: number;
  /** Once it has been ready it is never given up: for those who work on it and will mend it. */
  keepsTrying?: boolean;
  /** The others go on without it where this is false; they are given up with it where it is absent. */
  isEssential?: boolean;
  /** The others go first where there are too few processors for all: nobody waits for it as for an answer. */
  yieldsProcessors?: boolean;
}

export interface ProcessEvents {
  onLine(line: string): void;
  /** A process was spawned, or has ended. */
  onChange(): void;
}

/** A process could not be started or did not stay; the message holds its last lines of output. */
export class ProcessFailedError extends Error {
  override name = "ProcessFailedError";
}

/** How often readiness is looked at. */
const pollMs = 50;
/** Waits before a start, by how many ends there were within the last minute: the first one costs no time. */
const backoffMs = [0, 500, 1000, 2000, 5000, 10_000];
/** A process that was ready for so long before it ended is sound: someone killed it, and waiting would mend nothing. */
const soundMs = 2000;
/** A process that ends this often within a minute without having been ready is given up. */
const failedStartsMax = 5;
const windowMs = 60_000;
/** What is kept of the output for an error's message. */
const keptLines = 20;

export class SupervisedProcess {
  readonly #definition: ProcessDefinition;
  readonly #events: ProcessEvents;
  readonly #stopping = new AbortController();
  readonly #failure = Promise.withResolvers<never>();
  readonly #lastLines: string[] = [];
  #child: Deno.ChildProcess | undefined;
  /** Resolves when the child has ended and all of it is put away. */
  #run: Promise<unknown> = Promise.resolve();
  #ready = Promise.withResolvers<void>();
  #loop: Promise<void> | undefined;
  #starts = 0;
  #hasBeenReady = false;
  #restartAsked = false;
  /** Cuts a wait before a start short. */
  #wake = new AbortController();

  constructor(definition: ProcessDefinition, events: ProcessEvents) {
    this.#definition = definition;
    this.#events = events;
    // Whoever cares awaits it; without anyone it must not end this program.
    this.#failure.promise.catch(() => {});
  }

  get name(): string {
    return this.#definition.name;
  }

  /** Undefined between an end and the next start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How many times it was started. */
  get starts(): number {
    return this.#starts;
  }

  /** Rejects with a {@linkcode ProcessFailedError} when the process is given up; never resolves. */
  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  /**
   * Starts the process and keeps it running from then on; resolves when it is ready, or stopped before that.
   *
   * @throws ProcessFailedError where it is not ready in time, or keeps ending.
   */
  async start(): Promise<void> {
    this.#loop = this.#keepRunning().catch((error) => this.#failure.reject(error));
    const late = new AbortController();
    try {
      await Promise.race([
        this.untilReady(),
        this.failure,
        this.#failWhenLate(late.signal),
        this.#loop,
      ]);
    } finally {
      late.abort();
    }
  }

  /** Resolves when the process is ready: at once where it is, else after its next start. */
  untilReady(): Promise<void> {
    return Promise.race([this.#ready.promise, this.failure]);
  }

  /** Sends a signal to it and to all that it started, and waits until it has ended; it is then started again. */
  async kill(signal: Deno.Signal): Promise<void> {
    if (this.#child === undefined) return;
    signalGroup(this.#child.pid, signal);
    await this.#run;
  }

  /** Ends it in its own way and starts it again at once; resolves when it has ended. */
  async restart(): Promise<void> {
    if (this.#child === undefined) {
      this.#wake.abort();
      return;
    }
    // The one that runs now: the next one follows as soon as it has ended.
    const run = this.#run;
    this.#restartAsked = true;
    await endProcessGroup(this.#child.pid);
    await run;
  }

  /** Asks the process to end, for good. @returns Whether it has ended within the time. */
  async stop(withinMs: number): Promise<boolean> {
    this.#stopping.abort();
    if (this.#child !== undefined) terminate(this.#child);
    const ended = (this.#loop ?? Promise.resolve()).then(() => true);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), Math.max(0, withinMs));
    });
    try {
      return await Promise.race([ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #keepRunning(): Promise<void> {
    let ends: number[] = [];
    let failedStarts: number[] = [];
    while (!this.#stopping.signal.aborted) {
      const run = this.#runOnce();
      this.#run = run;
      const { wasReady, readyForMs, status } = await run;
      if (this.#stopping.signal.aborted) return;
      if (this.#restartAsked) {
        this.#restartAsked = false;
        continue;
      }
      const now = Date.now();
      ends = readyForMs >= soundMs ? [now] : [...ends, now].filter(isRecent(now));
      // One that was killed did not fail by itself.
      const failed = !wasReady && status.signal !== "SIGKILL";
      failedStarts = failed ? [...failedStarts, now].filter(isRecent(now)) : [];
      const mayGiveUp = !(this.#definition.keepsTrying && this.#hasBeenReady);
      if (mayGiveUp && failedStarts.length >= failedStartsMax) {
        throw this.#failed(`ended ${failedStartsMax} times within a minute without becoming ready`);
      }
      await this.#waitBeforeStart(ends.length, status);
    }
  }

  async #waitBeforeStart(recentEnds: number, status: Deno.CommandStatus): Promise<void> {
    const waitMs = backoffMs[Math.min(recentEnds, backoffMs.length) - 1];
    const how = status.signal === null ? `with code ${status.code}` : `by ${status.signal}`;
    const when = waitMs === 0 ? "" : ` in ${waitMs / 1000} s`;
    this.#events.onLine(`(ended ${how}; starting again${when})`);
    this.#wake = new AbortController();
    await sleep(waitMs, AbortSignal.any([this.#stopping.signal, this.#wake.signal]));
  }

  /** Runs it until it ends. */
  async #runOnce(): Promise<
    { wasReady: boolean; readyForMs: number; status: Deno.CommandStatus }
  > {
    const child = this.#spawn();
    this.#child = child;
    if (this.#definition.yieldsProcessors) yieldProcessors(child.pid);
    this.#starts++;
    this.#events.onChange();
    const ended = new AbortController();
    const output = Promise.all([this.#read(child.stdout), this.#read(child.stderr)]);
    const ready = this.#watchReadiness(ended.signal);
    let readyAtMs = Infinity;
    ready.then((isReady) => isReady && (readyAtMs = performance.now()));
    const status = await child.status;
    const readyForMs = performance.now() - readyAtMs;
    // Children of its own may live on and hold the output open.
    signalGroup(child.pid, "SIGKILL");
    ended.abort();
    const wasReady = await ready;
    await output;
    this.#child = undefined;
    if (wasReady) this.#ready = Promise.withResolvers<void>();
    this.#events.onChange();
    return { wasReady, readyForMs, status };
  }

  #spawn(): Deno.ChildProcess {
    const { command, args, environment, cwd } = this.#definition;
    try {
      return new Deno.Command(command, {
        args,
        env: environment,
        clearEnv: true,
        cwd,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        // In a process group of its own: Ctrl-C in a terminal then reaches only the one who stops the others in order.
        detached: true,
      }).spawn();
    } catch (error) {
      throw this.#failed(`could not be run: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #watchReadiness(ended: AbortSignal): Promise<boolean> {
    while (!ended.aborted) {
      if (await this.#definition.checkReadiness() === "ok" && !ended.aborted) {
        this.#hasBeenReady = true;
        this.#ready.resolve();
        return true;
      }
      await sleep(pollMs, ended);
    }
    return false;
  }

  async #failWhenLate(settled: AbortSignal): Promise<never> {
    await sleep(this.#definition.readyWithinMs, settled);
    const state = settled.aborted ? "" : await this.#definition.checkReadiness();
    throw this.#failed(
      `was not ready within ${this.#definition.readyWithinMs / 1000} s (${state})`,
    );
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const line of readLines(stream)) {
      this.#lastLines.push(line);
      if (this.#lastLines.length > keptLines) this.#lastLines.shift();
      this.#events.onLine(line);
    }
  }

  #failed(what: string): ProcessFailedError {
    const lines = this.#lastLines.length === 0
      ? "It printed nothing."
      : `Its last lines:\n${this.#lastLines.map((line) => `  ${line}`).join("\n")}`;
    return new ProcessFailedError(`Cannot run ${this.name}: it ${what}. ${lines}`);
  }
}

/** To the process alone, so that it can end what it started in its own order. */
function terminate(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    // It has ended already.
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}

function isRecent(now: number): (time: number) => boolean {
  return (time) => time > now - windowMs;
}
