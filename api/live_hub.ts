/** Follows the deltas of all turns, so that this api process can serve the stream of any of them. */
import { decodeTurnParts, type TurnPart } from "../events/kafka/delta_message.ts";
import type { KafkaLog, Subscription } from "../events/kafka/kafka_log.ts";
import { sleep } from "../events/sleep.ts";
import { LiveTurn } from "./live_turn.ts";

/** How far back a process that starts begins to listen: longer than an attempt lasts as a rule. */
const lookBackMs = 10 * 60_000;
/** How long a turn is kept after its last part; the store knows it by then. */
const keptMs = 10 * 60_000;
/** The same after its end, when the store knows all of it: thousands of turns may end in a minute. */
const endedKeptMs = 60_000;
const sweepMs = 5_000;
/** All turns together, about, in characters; beyond it the ones that were silent for longest are forgotten. */
const lengthMax = 64_000_000;
/** How long a reader waits for a process that has just started to hear what was published before. */
const catchUpMs = 3000;

export class LiveHub {
  readonly #turns = new Map<string, LiveTurn>();
  readonly #timer = setInterval(() => this.#sweep(), sweepMs);
  /** Is told, at least once, of each attempt that begins, whoever makes it. */
  onAttempt: (turnId: string, attempt: number) => void = () => {};
  #subscription: Subscription | undefined;
  /** Null once all that was published before this process began has been heard. */
  #catchingUp: Promise<void> | null = null;

  static async follow(kafka: KafkaLog): Promise<LiveHub> {
    const hub = new LiveHub();
    const follower = await kafka.follow({
      topic: "deltas",
      fromMs: Date.now() - lookBackMs,
      onMessage: ({ value }) => value !== null && hub.hear(decodeTurnParts(value)),
    });
    hub.#subscription = follower;
    hub.#catchingUp = follower.caughtUp.then(() => {
      hub.#catchingUp = null;
    });
    return hub;
  }

  /**
   * Waits until all that was published before this process began has been heard, but not for long: what is missing then,
   * the store tells.
   *
   * @param signal That whoever waits has gone.
   */
  async whenCaughtUp(signal: AbortSignal): Promise<void> {
    if (this.#catchingUp === null) return;
    await Promise.race([this.#catchingUp, sleep(catchUpMs, signal)]);
  }

  get turnCount(): number {
    return this.#turns.size;
  }

  turn(turnId: string): LiveTurn {
    let turn = this.#turns.get(turnId);
    if (turn === undefined) this.#turns.set(turnId, turn = new LiveTurn());
    return turn;
  }

  /** Takes parts: from the topic, or sooner from this process, which then come from the topic once more. */
  hear(parts: readonly TurnPart[]): void {
    for (const { turnId, ...placed } of parts) {
      if (placed.part.type === "attempt-start") this.onAttempt(turnId, placed.position.attempt);
      this.turn(turnId).hear(placed);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#subscription?.stop();
  }

  #sweep(): void {
    const nowMs = Date.now();
    const unread = [...this.#turns]
      .filter(([, turn]) => !turn.isRead)
      .sort(([, a], [, b]) => a.lastHeardMs - b.lastHeardMs);
    let length = this.#turns.values().reduce((sum, turn) => sum + turn.length, 0);
    for (const [turnId, turn] of unread) {
      const isKept = nowMs - turn.lastHeardMs < (turn.isEnded ? endedKeptMs : keptMs);
      if (isKept && length <= lengthMax) continue;
      length -= turn.length;
      this.#turns.delete(turnId);
    }
  }
}
