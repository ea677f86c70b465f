/**
 * Publishes the stream parts of all answers that this process writes, off the hot path: the parts of one tick share one
 * request, and while a request is under way the text of an attempt gathers into its next delta. So nothing is dropped
 * while Kafka is away, and what waits is never more than the text itself.
 */
import type { DeltaPart, Position, StreamPart } from "../events/contract/stream_part.ts";
import { encodeTurnParts, partitionOfTurn, type TurnPart } from "../events/kafka/delta_message.ts";
import type { KafkaLog, KafkaProducer } from "../events/kafka/kafka_log.ts";
import { loggerOf } from "../events/logging.ts";

const log = loggerOf("deltas");

/** The shortest and the longest time between two requests. */
const tickMsMin = 4;
const tickMsMax = 150;
/**
 * So many open streams lengthen the tick by a millisecond: few streams are quick, many are cheap. A request costs this
 * process, the broker and each reader about a millisecond together, whatever it holds; 60 streams that are published every
 * 20 ms are late by a blink, and cost a third of what they would every 6 ms.
 */
const streamsPerTickMs = 3;
const retryMs = 500;
/** Kafka acknowledges within milliseconds; it is away where it has not done so for this long. */
const behindMs = 500;
/** How long the end of an attempt, or of a turn, waits for its parts to be in Kafka. */
const flushMs = 2000;

type OnPublished = (parts: readonly TurnPart[]) => void;

/** Parts that have their number, and share a request. */
class Batch {
  parts: TurnPart[] = [];
  readonly sent = Promise.withResolvers<void>();
}

export class DeltaPublisher {
  readonly #producer: KafkaProducer;
  readonly #partitionCount: number;
  readonly #onPublished: OnPublished;
  readonly #streams = new Set<AttemptStream>();
  #waiting = new Batch();
  /** The batch that is under way; a sent one when none is. */
  #sending = new Batch();
  #scheduled = false;
  #nextSendMs = 0;
  /** When the oldest parts that Kafka has not acknowledged were sent first; null where there are none. */
  #unacknowledgedSinceMs: number | null = null;

  static async connect(kafka: KafkaLog, onPublished?: OnPublished): Promise<DeltaPublisher> {
    const producer = await kafka.producer();
    const partitionCount = await kafka.partitionCount("deltas");
    return new DeltaPublisher(producer, partitionCount, onPublished);
  }

  /** @param onPublished Told of the parts of a request as soon as Kafka has them, in order. */
  constructor(
    producer: KafkaProducer,
    partitionCount: number,
    onPublished: OnPublished = () => {},
  ) {
    this.#producer = producer;
    this.#partitionCount = partitionCount;
    this.#onPublished = onPublished;
    this.#sending.sent.resolve();
  }

  /**
   * Begins, or goes on with, the stream of one attempt.
   *
   * @param lastSequence The number of its last part so far; -1 before its `attempt-start`.
   */
  openStream(turnId: string, attempt: number, lastSequence = -1): AttemptStream {
    const stream = new AttemptStream(turnId, attempt, lastSequence, (part) => {
      if (part !== undefined) this.#waiting.parts.push(part);
      this.#schedule();
    });
    this.#streams.add(stream);
    return stream;
  }

  /** Publishes one part at its place, such as the `end` of a turn. */
  publish(turnId: string, position: Position, part: StreamPart): void {
    this.#waiting.parts.push({ turnId, position, part });
    this.#schedule();
  }

  /**
   * Waits until the parts that have their number are in Kafka, for a while: the store knows the answer, so neither the end
   * of an attempt nor that of a turn waits for a broker that is away.
   */
  async flush(timeoutMs: number = flushMs): Promise<void> {
    const batch = this.#waiting.parts.length > 0 ? this.#waiting : this.#sending;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, timeoutMs));
    await Promise.race([batch.sent.promise, late]);
    clearTimeout(timer);
  }

  /** Whether words of some time are not in Kafka, because it does not take them. */
  get isBehind(): boolean {
    const sinceMs = this.#unacknowledgedSinceMs;
    return sinceMs !== null && performance.now() - sinceMs > behindMs;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const delayMs = this.#nextSendMs - performance.now();
    if (delayMs <= 0) queueMicrotask(() => this.#send());
    else setTimeout(() => this.#send(), delayMs);
  }

  async #send(): Promise<void> {
    this.#takeDeltas();
    const batch = this.#waiting;
    this.#waiting = new Batch();
    this.#sending = batch;
    const tickMs = Math.min(Math.max(this.#streams.size / streamsPerTickMs, tickMsMin), tickMsMax);
    this.#nextSendMs = performance.now() + tickMs;
    try {
      if (batch.parts.length > 0) {
        this.#unacknowledgedSinceMs ??= performance.now();
        await this.#producer.send("deltas", this.#messagesOf(batch.parts));
        this.#unacknowledgedSinceMs = null;
        this.#onPublished(batch.parts);
      }
      batch.sent.resolve();
    } catch (error) {
      log.warn("Could not publish deltas; trying again", { error, parts: batch.parts.length });
      this.#waiting.parts.unshift(...batch.parts);
      this.#waiting.sent.promise.then(batch.sent.resolve);
      this.#nextSendMs = performance.now() + retryMs;
    }
    this.#scheduled = false;
    const hasMore = this.#waiting.parts.length > 0 ||
      this.#streams.values().some((stream) => stream.hasDelta);
    if (hasMore) this.#schedule();
  }

  #takeDeltas(): void {
    for (const stream of this.#streams) {
      const part = stream.takeDelta();
      if (part !== null) this.#waiting.parts.push(part);
      if (stream.isClosed) this.#streams.delete(stream);
    }
  }

  #messagesOf(parts: readonly TurnPart[]): { partition: number; value: Uint8Array }[] {
    const byPartition = Map.groupBy(
      parts,
      ({ turnId }) => partitionOfTurn(turnId, this.#partitionCount),
    );
    return [...byPartition].map(([partition, parts]) => ({
      partition,
      value: encodeTurnParts(parts),
    }));
  }
}

/** The stream of one attempt: numbers its parts from 0 without gaps. */
class AttemptStream {
  readonly #turnId: string;
  readonly #attempt: number;
  readonly #publish: (part?: TurnPart) => void;
  #sequence: number;
  #delta: DeltaPart | null = null;
  #closed = false;

  constructor(
    turnId: string,
    attempt: number,
    lastSequence: number,
    publish: (part?: TurnPart) => void,
  ) {
    this.#turnId = turnId;
    this.#attempt = attempt;
    this.#sequence = lastSequence;
    this.#publish = publish;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get hasDelta(): boolean {
    return this.#delta !== null;
  }

  start(part: Extract<StreamPart, { type: "attempt-start" }>): void {
    this.#publish(this.#place(part));
  }

  /** Adds to the answer; joined with what has not been sent yet. */
  add(delta: DeltaPart): void {
    if ("text" in delta && delta.text === "") return;
    const joined = this.#delta && join(this.#delta, delta);
    if (this.#delta !== null && joined === null) this.#publish(this.takeDelta()!);
    this.#delta = joined ?? delta;
    this.#publish();
  }

  /** Numbers all that was added. @returns The number that its `attempt-end` will have. */
  seal(): number {
    const part = this.takeDelta();
    if (part !== null) this.#publish(part);
    return this.#sequence + 1;
  }

  end(part: Extract<StreamPart, { type: "attempt-end" }>): void {
    this.#publish(this.#place(part));
    this.#closed = true;
  }

  /** Drops the stream without an end: someone else has told it. */
  abandon(): void {
    this.#delta = null;
    this.#closed = true;
  }

  /** @returns What was added since the last call, with its number; null where there is nothing. */
  takeDelta(): TurnPart | null {
    if (this.#delta === null) return null;
    const part = this.#place(this.#delta);
    this.#delta = null;
    return part;
  }

  #place(part: StreamPart): TurnPart {
    this.#sequence++;
    return {
      turnId: this.#turnId,
      position: { attempt: this.#attempt, sequence: this.#sequence },
      part,
    };
  }
}

/** @returns Both as one; null where they are pieces of different things. */
function join(a: DeltaPart, b: DeltaPart): DeltaPart | null {
  if (a.type === "tool-call-delta") {
    if (b.type !== a.type || b.index !== a.index) return null;
    // What is absent in the one may stand there as undefined, and must not hide what the other tells.
    const { id = b.id, name = b.name } = a;
    return { ...a, id, name, arguments: a.arguments + b.arguments };
  }
  return b.type === a.type ? { ...a, text: a.text + b.text } : null;
}

export type { AttemptStream };
