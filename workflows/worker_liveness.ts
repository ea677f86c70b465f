/**
 * Which workers live, so that the calls of one that has died go on elsewhere within seconds. Each worker says on the topic
 * `control` that it lives, and what it carries out; of one that falls silent, another worker fails the activities by their
 * ids, and Temporal gives them to someone else at once.
 *
 * Temporal's own heartbeats would do the same, but each is a write of its database: a thousand streams that are to be
 * missed after three seconds keep it busy with nothing else. They stay, further apart, for the day on which Kafka is away.
 */
import type { Info } from "@temporalio/activity";
import type { ControlMessage, RunningActivity } from "../events/kafka/control_message.ts";
import { loggerOf } from "../events/logging.ts";

const log = loggerOf("liveness");

const sayMs = 400;
const checkMs = 200;
/** Who says nothing for so long has died, or hangs. Long against the pauses of a process on a busy machine. */
export const silenceMsMax = 2000;
/** Whoever has not heard itself for so long hears nothing, and cannot tell who is silent. */
const deafMs = 1000;
/** After that, or after its start, it first listens: when a broker is back, its clients speak again one by one. */
const settleMs = 1200;
/** How many activities are failed at once: each is a write of Temporal's database. */
const concurrentFailures = 20;

type ActivityInfo = Pick<Info, "workflowExecution" | "activityId">;

export interface WorkerLivenessOptions {
  /** Puts a message on the topic `control`. */
  send(message: ControlMessage): Promise<void>;
  /** Makes Temporal give the activity to another worker. */
  failActivity(activity: RunningActivity): Promise<void>;
  /** In milliseconds; `performance.now` apart from tests. */
  now?: () => number;
}

export class WorkerLiveness {
  readonly id = crypto.randomUUID();
  readonly #options: WorkerLivenessOptions;
  readonly #now: () => number;
  readonly #workers = new Map<string, HeardWorker>();
  readonly #ownCalls = new Set<AbortController>();
  /** When this process has heard itself last, and since when it does without a pause. */
  #heardSelfMs = -Infinity;
  #hearsSinceMs = Infinity;
  #timers: ReturnType<typeof setInterval>[] = [];

  constructor(options: WorkerLivenessOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** From now on this worker is missed when it falls silent, and misses others. */
  start(): void {
    this.#say({ type: "worker-lives", worker: this.id });
    this.#timers = [
      setInterval(() => this.#say({ type: "worker-lives", worker: this.id }), sayMs),
      setInterval(() => this.check(), checkMs),
    ];
  }

  /** Says that this worker leaves; to be called when it carries out nothing any more. */
  async close(): Promise<void> {
    this.#timers.forEach(clearInterval);
    await this.#say({ type: "worker-left", worker: this.id });
  }

  /**
   * Says that this worker carries out the activity, until it is disposed of.
   *
   * @returns With a signal that is aborted when others have given it to someone else.
   */
  track(info: ActivityInfo): { signal: AbortSignal; [Symbol.dispose](): void } {
    const call = { ...info.workflowExecution!, activityId: info.activityId };
    const lost = new AbortController();
    this.#ownCalls.add(lost);
    this.#say({ type: "call-began", worker: this.id, call });
    return {
      signal: lost.signal,
      [Symbol.dispose]: () => {
        this.#ownCalls.delete(lost);
        this.#say({ type: "call-ended", worker: this.id, call });
      },
    };
  }

  /**
   * Takes a message of the topic, of this process too.
   *
   * @param timeMs When it was put on the topic.
   */
  hear(message: ControlMessage, timeMs: number): void {
    switch (message.type) {
      case "worker-lives":
        if (message.worker === this.id) this.#hearSelf();
        this.#hear(message.worker, timeMs);
        return;
      case "call-began":
        // It may have been taken from another one.
        this.#workers.forEach(({ calls }) => calls.delete(keyOf(message.call)));
        this.#hear(message.worker, timeMs).calls.set(keyOf(message.call), message.call);
        return;
      case "call-ended":
        this.#hear(message.worker, timeMs).calls.delete(keyOf(message.call));
        return;
      case "worker-left":
        this.#workers.delete(message.worker);
        if (message.worker === this.id) this.#ownCalls.forEach((lost) => lost.abort());
        return;
    }
  }

  /** Looks for workers that have fallen silent; the first of those that live acts for all. */
  async check(): Promise<void> {
    const nowMs = this.#now();
    if (nowMs - this.#heardSelfMs > deafMs) this.#hearsSinceMs = Infinity;
    const self = this.#workers.get(this.id);
    if (self === undefined || !(nowMs - this.#hearsSinceMs > settleMs)) return;
    // All that stands before its own words it has heard.
    const isSilent = ({ timeMs }: HeardWorker) => self.timeMs - timeMs > silenceMsMax;
    const { silent = [], living = [] } = Object.groupBy(
      this.#workers,
      ([, worker]) => isSilent(worker) ? "silent" : "living",
    );
    const [first] = living.map(([worker]) => worker).sort();
    if (first !== this.id) return;
    await Promise.all(silent.map(([worker, heard]) => this.#takeAway(worker, heard)));
  }

  /** The others forget the worker only afterwards: if this one dies in between, the next one acts. */
  async #takeAway(worker: string, heard: HeardWorker): Promise<void> {
    if (heard.isTakenAway) return;
    heard.isTakenAway = true;
    const calls = [...heard.calls.values()];
    log.warn("A worker has fallen silent; others go on", { worker, calls: calls.length });
    const next = calls.values();
    await Promise.all(Array.from({ length: concurrentFailures }, async () => {
      for (const call of next) {
        try {
          await this.#options.failActivity(call);
        } catch (error) {
          log.info("Could not take a call away; it may have ended", { ...call, error });
        }
      }
    }));
    await this.#say({ type: "worker-left", worker });
  }

  #hear(worker: string, timeMs: number): HeardWorker {
    const heard = this.#workers.get(worker) ??
      { timeMs, calls: new Map(), isTakenAway: false };
    heard.timeMs = timeMs;
    this.#workers.set(worker, heard);
    return heard;
  }

  #hearSelf(): void {
    this.#heardSelfMs = this.#now();
    if (this.#hearsSinceMs === Infinity) this.#hearsSinceMs = this.#heardSelfMs;
  }

  async #say(message: ControlMessage): Promise<void> {
    try {
      await this.#options.send(message);
    } catch (error) {
      log.info("Could not say that this worker lives; Temporal's heartbeats do", { error });
    }
  }
}

interface HeardWorker {
  /** When it said something last, by the topic's clock. */
  timeMs: number;
  /** What it carries out. */
  calls: Map<string, RunningActivity>;
  /** Whether this process gives them to others. */
  isTakenAway: boolean;
}

function keyOf({ runId, activityId }: RunningActivity): string {
  return `${runId}/${activityId}`;
}
