/**
 * What was published of an attempt whose worker has died: the deltas on the topic are what users have seen, so another
 * worker goes on from there.
 */
import { addToolCallDelta, type ToolCall } from "../events/contract/tool_call.ts";
import { decodeTurnParts } from "../events/kafka/delta_message.ts";
import type { KafkaLog, ReceivedMessage } from "../events/kafka/kafka_log.ts";
import { sleep } from "../events/sleep.ts";

export interface PublishedText {
  text: string;
  reasoning: string;
  /** Absent where no tool was called. */
  toolCalls?: ToolCall[];
  /** The number of the last part that was published without a gap before it; -1 if there is none. */
  lastSequence: number;
}

/**
 * Many turns lose their worker at the same moment: those that ask within this time, or while the topic is being read, share
 * its next reading. A reading each would decode all that all of them have published again and again.
 */
const gatherMs = 50;
/** A reader that has not caught up by then gives what it has; one that Kafka has not let begin fails. */
const defaultReadMsMax = 3000;
/** Clocks of machines differ by less than this. */
const clockSkewMs = 2000;

interface Request {
  turnId: string;
  attempt: number;
  sinceMs: number;
  published: PublishedText;
  done: PromiseWithResolvers<PublishedText>;
}

export class PublishedTextReader {
  readonly #kafka: KafkaLog;
  readonly #readMsMax: number;
  #requests: Request[] = [];
  #isReading = false;

  constructor(kafka: KafkaLog, readMsMax = defaultReadMsMax) {
    this.#kafka = kafka;
    this.#readMsMax = readMsMax;
  }

  /**
   * @param sinceMs When the attempt began.
   * @returns What the topic holds of the attempt, joined.
   */
  read(turnId: string, attempt: number, sinceMs: number): Promise<PublishedText> {
    const request: Request = {
      turnId,
      attempt,
      sinceMs,
      published: { text: "", reasoning: "", lastSequence: -1 },
      done: Promise.withResolvers(),
    };
    this.#requests.push(request);
    if (!this.#isReading) {
      this.#isReading = true;
      setTimeout(() => this.#readWhileAsked(), gatherMs);
    }
    return request.done.promise;
  }

  async #readWhileAsked(): Promise<void> {
    while (this.#requests.length > 0) await this.#readAll();
    this.#isReading = false;
  }

  async #readAll(): Promise<void> {
    const requests = this.#requests;
    this.#requests = [];
    const byTurn = Map.groupBy(requests, ({ turnId }) => turnId);
    const fromMs = Math.min(...requests.map(({ sinceMs }) => sinceMs)) - clockSkewMs;
    const following = this.#kafka.follow({
      topic: "deltas",
      fromMs,
      onMessage: (message) => collect(message, byTurn),
    });
    const over = new AbortController();
    const late = sleep(this.#readMsMax, over.signal);
    try {
      const follower = await Promise.race([following, late]);
      if (!follower) throw new Error(`Kafka has not answered for ${this.#readMsMax / 1000} s`);
      await Promise.race([follower.caughtUp, late]);
      requests.forEach(({ done, published }) => done.resolve({ ...published }));
    } catch (error) {
      requests.forEach(({ done }) => done.reject(error));
    } finally {
      over.abort();
      // Whenever it has begun: nobody waits for that.
      following.then((follower) => follower.stop()).catch(() => {});
    }
  }
}

function collect({ value }: ReceivedMessage, byTurn: Map<string, Request[]>): void {
  if (value === null) return;
  for (const { turnId, position, part } of decodeTurnParts(value)) {
    for (const { attempt, published } of byTurn.get(turnId) ?? []) {
      if (position.attempt !== attempt || position.sequence !== published.lastSequence + 1) {
        continue;
      }
      published.lastSequence = position.sequence;
      if (part.type === "text-delta") published.text += part.text;
      if (part.type === "reasoning-delta") published.reasoning += part.text;
      if (part.type === "tool-call-delta") {
        published.toolCalls = addToolCallDelta(published.toolCalls ?? [], part);
      }
    }
  }
}
