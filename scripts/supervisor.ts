/** Keeps the processes of one start running, and stops them together. */
import type { RunningProcess } from "./data_folder.ts";
import { CommandFailedError, type CommandOptions, runCommand } from "./run_command.ts";
import {
  type ProcessDefinition,
  ProcessFailedError,
  SupervisedProcess,
} from "./supervised_process.ts";

export interface SupervisorEvents {
  /** A process has printed a line. */
  onLine(name: string, line: string): void;
  /** Other processes run than before. */
  onChange(running: RunningProcess[]): void;
}

/** A command that is run once, to its end. */
export type Task = Pick<CommandOptions, "command" | "args" | "environment">;

/** The part of the time to stop that is kept for each process whose turn comes later. */
const reserveMs = 1000;

export class Supervisor {
  readonly #events: SupervisorEvents;
  readonly #stopWithinMs: number;
  readonly #processes = new Map<string, SupervisedProcess>();
  readonly #tasks = new Map<string, number>();
  readonly #failure = Promise.withResolvers<never>();
  readonly #stopping = new AbortController();

  /** @param stopWithinMs All processes have ended so long after a stop began. */
  constructor(events: SupervisorEvents, { stopWithinMs = 9500 }: { stopWithinMs?: number } = {}) {
    this.#events = events;
    this.#stopWithinMs = stopWithinMs;
    this.#failure.promise.catch(() => {});
  }

  /** Rejects with a {@linkcode ProcessFailedError} when a process is given up; never resolves. */
  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  get names(): string[] {
    return [...this.#processes.keys()];
  }

  /** @throws RangeError where no process has the name. */
  process(name: string): SupervisedProcess {
    const found = this.#processes.get(name);
    if (found === undefined) {
      throw new RangeError(`Cannot find the process ${name}: there are ${this.names.join(", ")}`);
    }
    return found;
  }

  /**
   * Starts a process, resolves when it is ready, and keeps it running from then on.
   *
   * @throws ProcessFailedError where it does not get ready.
   */
  async start(definition: ProcessDefinition): Promise<void> {
    this.#refuseWhenStopping();
    const { name } = definition;
    const started = new SupervisedProcess(definition, {
      onLine: (line) => this.#events.onLine(name, line),
      onChange: () => this.#changed(),
    });
    this.#processes.set(name, started);
    if (definition.isEssential ?? true) {
      started.failure.catch((error) => this.#failure.reject(error));
    }
    await started.start();
  }

  /**
   * Runs a command to its end.
   *
   * @throws ProcessFailedError where it does not end well.
   */
  async run(name: string, task: Task): Promise<void> {
    this.#refuseWhenStopping();
    try {
      await runCommand({
        ...task,
        signal: this.#stopping.signal,
        onLine: (line) => this.#events.onLine(name, line),
        onSpawn: (pid) => {
          this.#tasks.set(name, pid);
          this.#changed();
        },
      });
    } catch (error) {
      if (!(error instanceof CommandFailedError)) throw error;
      throw new ProcessFailedError(`Cannot go on: ${name} failed. ${error.message}`);
    } finally {
      this.#tasks.delete(name);
      this.#changed();
    }
  }

  /** Ends one process for good, and forgets it; what has not ended in time is killed. */
  async end(name: string, withinMs: number): Promise<void> {
    const process = this.process(name);
    if (!await process.stop(withinMs)) {
      this.#events.onLine(name, "(did not end in time; killed)");
      await process.kill("SIGKILL");
    }
    this.#processes.delete(name);
  }

  /**
   * Stops all processes, one after the other in this order; those that it does not name come first. Whatever has
   * not ended in time is killed.
   */
  async stop(order: readonly string[]): Promise<void> {
    this.#stopping.abort();
    const deadline = Date.now() + this.#stopWithinMs;
    const queue = [
      ...this.names.filter((name) => !order.includes(name)),
      ...order.filter((name) => this.#processes.has(name)),
    ];
    const late: string[] = [];
    for (const [index, name] of queue.entries()) {
      const reserved = (queue.length - 1 - index) * reserveMs;
      const ended = await this.process(name).stop(deadline - reserved - Date.now());
      if (!ended) late.push(name);
    }
    await Promise.all(late.map((name) => this.end(name, deadline - Date.now())));
  }

  #refuseWhenStopping(): void {
    if (this.#stopping.signal.aborted) {
      throw new ProcessFailedError("Cannot start anything: all is being stopped");
    }
  }

  #changed(): void {
    const running = [...this.#processes.values()].flatMap(({ name, pid }) =>
      pid === undefined ? [] : [{ name, pid }]
    );
    const tasks = [...this.#tasks].map(([name, pid]) => ({ name, pid }));
    this.#events.onChange([...running, ...tasks]);
  }
}
