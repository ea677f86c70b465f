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
import { sleep } from "../events/sleep.ts";

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
/** How many messages wait while Kafka is away; beyond them the oldest are dropped, and heartbeats make up for it. */
const unsaidMax = 5000;
/** How long a worker that ends waits until it has said so. */
const farewellMs = 500;

type ActivityInfo = Pick<Info, "workflowExecution" | "activityId">;

export interface WorkerLivenessOptions {
  /** Puts messages on the topic `control`, in order. */
  send(messages: ControlMessage[]): Promise<void>;
  /** Makes Temporal give the activity to another worker; does nothing where it has ended. */
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
  #unsaid: ControlMessage[] = [];
  #saying: Promise<void> | undefined;

  constructor(options: WorkerLivenessOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** From now on this worker is missed when it falls silent, and misses others. */
  start(): void {
    this.#sayThatItLives();
    this.#timers = [
      setInterval(() => this.#sayThatItLives(), sayMs),
      setInterval(() => this.check(), checkMs),
    ];
  }

  /** Says that this worker leaves; to be called when it carries out nothing any more. */
  async close(): Promise<void> {
    this.#timers.forEach(clearInterval);
    this.#say({ type: "worker-left", worker: this.id });
    await Promise.race([this.#saying, sleep(farewellMs)]);
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
        this.#hear(message.worker, timeMs).hears = message.hears;
        return;
      case "call-began":
        // It may have been taken from another one.
        this.#workers.forEach(({ calls }) => calls.delete(keyOf(message.call)));
        this.#hear(message.worker, timeMs).calls.set(keyOf(message.call), message.call);
        return;
      case "call-ended":
        this.#hear(message.worker, timeMs).calls.delete(keyOf(message.call));
        return;
      case "worker-lost":
        if (message.worker === this.id) this.#ownCalls.forEach((lost) => lost.abort());
        return;
      case "worker-left":
        this.#workers.delete(message.worker);
        return;
    }
  }

  /** Looks for workers that have fallen silent; the first of those that live and hear acts for all. */
  async check(): Promise<void> {
    const self = this.#workers.get(this.id);
    if (self === undefined || !this.#hears()) return;
    // All that stands before its own words it has heard.
    const isSilent = ({ timeMs }: HeardWorker) => self.timeMs - timeMs > silenceMsMax;
    const { silent = [], living = [] } = Object.groupBy(
      this.#workers,
      ([, worker]) => isSilent(worker) ? "silent" : "living",
    );
    const [first] = living.filter(([, { hears }]) => hears).map(([worker]) => worker).sort();
    if (first !== this.id) return;
    await Promise.all(silent.map(([worker, heard]) => this.#takeAway(worker, heard)));
  }

  /** The others forget the worker only afterwards: if this one dies in between, or Temporal is away, someone tries again. */
  async #takeAway(worker: string, heard: HeardWorker): Promise<void> {
    if (heard.isTakenAway) return;
    heard.isTakenAway = true;
    const calls = [...heard.calls.values()];
    log.warn("A worker has fallen silent; others go on", { worker, calls: calls.length });
    // If it only hung, it must not go on with what others do by then.
    this.#say({ type: "worker-lost", worker });
    const next = calls.values();
    try {
      await Promise.all(Array.from({ length: concurrentFailures }, async () => {
        for (const call of next) await this.#options.failActivity(call);
      }));
      this.#say({ type: "worker-left", worker });
    } catch (error) {
      log.warn("Could not take all calls of a worker away; trying again", { worker, error });
      heard.isTakenAway = false;
    }
  }

  #hear(worker: string, timeMs: number): HeardWorker {
    const heard = this.#workers.get(worker) ??
      { timeMs, hears: false, calls: new Map(), isTakenAway: false };
    heard.timeMs = timeMs;
    this.#workers.set(worker, heard);
    return heard;
  }

  #hearSelf(): void {
    this.#heardSelfMs = this.#now();
    if (this.#hearsSinceMs === Infinity) this.#hearsSinceMs = this.#heardSelfMs;
  }

  /** Whether it has heard itself for long enough to tell who is silent. */
  #hears(): boolean {
    const nowMs = this.#now();
    if (nowMs - this.#heardSelfMs > deafMs) this.#hearsSinceMs = Infinity;
    return nowMs - this.#hearsSinceMs > settleMs;
  }

  #sayThatItLives(): void {
    // One that still waits says the same.
    if (this.#unsaid.some(({ type }) => type === "worker-lives")) return;
    this.#say({ type: "worker-lives", worker: this.id, hears: this.#hears() });
  }

  #say(message: ControlMessage): void {
    this.#unsaid.push(message);
    if (this.#unsaid.length > unsaidMax) this.#unsaid.shift();
    this.#saying ??= this.#sayAll();
  }

  /** One request after the other, so that messages keep their order. */
  async #sayAll(): Promise<void> {
    while (this.#unsaid.length > 0) {
      const messages = this.#unsaid;
      this.#unsaid = [];
      try {
        await this.#options.send(messages);
      } catch (error) {
        log.info("Could not say that this worker lives; Temporal's heartbeats do", { error });
      }
    }
    this.#saying = undefined;
  }
}

interface HeardWorker {
  /** When it said something last, by the topic's clock. */
  timeMs: number;
  /** Whether it could tell who is silent. */
  hears: boolean;
  /** What it carries out. */
  calls: Map<string, RunningActivity>;
  /** Whether this process gives them to others. */
  isTakenAway: boolean;
}

function keyOf({ runId, activityId }: RunningActivity): string {
  return `${runId}/${activityId}`;
}
