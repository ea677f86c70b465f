import assert from "node:assert/strict";
import { mock } from "node:test";
import { formatPosition } from "../events/contract/stream_part.ts";
import { decodeTurnParts, partitionOfTurn, type TurnPart } from "../events/kafka/delta_message.ts";
import type { KafkaProducer, Message } from "../events/kafka/kafka_log.ts";
import { DeltaPublisher } from "./delta_publisher.ts";

/** A producer that keeps what it is sent, holds requests back, and fails when it is told to. */
class FakeProducer implements KafkaProducer {
  readonly requests: Message[][] = [];
  failures = 0;
  hold: Promise<void> = Promise.resolve();
  /** That the first request is under way. */
  readonly asked = Promise.withResolvers<void>();

  async send(_topic: string, messages: Message[]): Promise<void> {
    this.asked.resolve();
    await this.hold;
    if (this.failures-- > 0) throw new Error("The broker is away");
    this.requests.push(messages);
  }

  get parts(): TurnPart[] {
    return this.requests.flat().flatMap(({ value }) => decodeTurnParts(value as Uint8Array));
  }

  /** What one turn's readers see: places and texts. */
  told(turnId = "t"): string[] {
    return this.parts.filter((part) => part.turnId === turnId).map(({ position, part }) =>
      `${formatPosition(position)} ${"text" in part ? part.text : part.type}`
    );
  }
}

const start = { type: "attempt-start", attempt: 1, provider: "p", model: "m" } as const;
const end = { type: "attempt-end", attempt: 1, outcome: "completed" } as const;

Deno.test("parts are numbered from 0 without gaps, deltas that wait are joined", async () => {
  const producer = new FakeProducer();
  const publisher = new DeltaPublisher(producer, 4);
  const stream = publisher.openStream("t", 1);
  stream.start(start);
  stream.add({ type: "text-delta", text: "Hel" });
  stream.add({ type: "text-delta", text: "lo" });
  stream.add({ type: "text-delta", text: "" });
  assert.equal(stream.seal(), 2);
  stream.end(end);
  await publisher.flush(1000);
  assert.deepEqual(producer.told(), ["1.0 attempt-start", "1.1 Hello", "1.2 attempt-end"]);
});

Deno.test("text and reasoning are not joined with each other", async () => {
  const producer = new FakeProducer();
  const publisher = new DeltaPublisher(producer, 4);
  const stream = publisher.openStream("t", 1);
  stream.start(start);
  stream.add({ type: "reasoning-delta", text: "hm" });
  stream.add({ type: "text-delta", text: "A" });
  stream.add({ type: "reasoning-delta", text: "m" });
  stream.seal();
  await publisher.flush(1000);
  assert.deepEqual(producer.told().slice(1), ["1.1 hm", "1.2 A", "1.3 m"]);
});

Deno.test("while a request is under way, text gathers into one delta", async () => {
  const producer = new FakeProducer();
  const publisher = new DeltaPublisher(producer, 4);
  const release = Promise.withResolvers<void>();
  const stream = publisher.openStream("t", 1);
  stream.start(start);
  producer.hold = release.promise;
  await Promise.resolve();
  for (const letter of "abcdef") stream.add({ type: "text-delta", text: letter });
  release.resolve();
  stream.seal();
  stream.end(end);
  await publisher.flush(1000);
  assert.deepEqual(producer.told(), ["1.0 attempt-start", "1.1 abcdef", "1.2 attempt-end"]);
});

Deno.test("all turns of a tick share one request, and those of a partition one message", async () => {
  const producer = new FakeProducer();
  const publisher = new DeltaPublisher(producer, 4);
  const turnIds = Array.from({ length: 40 }, (_, index) => `turn-${index}`);
  for (const turnId of turnIds) publisher.openStream(turnId, 1).start({ ...start });
  await publisher.flush(1000);
  assert.equal(producer.requests.length, 1);
  assert.equal(producer.requests[0].length, 4);
  for (const message of producer.requests[0]) {
    for (const { turnId } of decodeTurnParts(message.value as Uint8Array)) {
      assert.equal(partitionOfTurn(turnId, 4), message.partition);
    }
  }
});

Deno.test("what the broker did not take is sent again, in order, before what came later", async () => {
  const producer = new FakeProducer();
  producer.failures = 1;
  const publisher = new DeltaPublisher(producer, 4);
  const stream = publisher.openStream("t", 1);
  stream.start(start);
  stream.add({ type: "text-delta", text: "one" });
  stream.seal();
  const flushed = publisher.flush(5000);
  stream.add({ type: "text-delta", text: "two" });
  stream.seal();
  stream.end(end);
  await flushed;
  await publisher.flush(5000);
  assert.deepEqual(producer.told(), [
    "1.0 attempt-start",
    "1.1 one",
    "1.2 two",
    "1.3 attempt-end",
  ]);
});

Deno.test("a flush does not wait for a broker longer than it is told", async () => {
  const producer = new FakeProducer();
  const release = Promise.withResolvers<void>();
  producer.hold = release.promise;
  const publisher = new DeltaPublisher(producer, 4);
  publisher.publish("t", { attempt: 0, sequence: 1 }, end);
  await publisher.flush(10);
  assert.deepEqual(producer.parts, []);
  release.resolve();
  await publisher.flush(1000);
  assert.equal(producer.parts.length, 1);
});

Deno.test("a stream goes on where another worker left it", async () => {
  const producer = new FakeProducer();
  const publisher = new DeltaPublisher(producer, 4);
  const stream = publisher.openStream("t", 1, 17);
  stream.add({ type: "text-delta", text: "more" });
  assert.equal(stream.seal(), 19);
  stream.end(end);
  await publisher.flush(1000);
  assert.deepEqual(producer.told(), ["1.18 more", "1.19 attempt-end"]);
});

Deno.test("readers of this process are told of parts once Kafka has them, not before", async () => {
  const producer = new FakeProducer();
  const hold = Promise.withResolvers<void>();
  producer.hold = hold.promise;
  const told: TurnPart[] = [];
  const publisher = new DeltaPublisher(producer, 4, (parts) => told.push(...parts));
  publisher.openStream("t", 1).start(start);
  await producer.asked.promise;
  assert.deepEqual(told, []);
  hold.resolve();
  await publisher.flush(1000);
  assert.deepEqual(told.map(({ part }) => part), [start]);
});

Deno.test("pieces of one call are joined, those of two calls are not", async () => {
  const producer = new FakeProducer();
  const publisher = new DeltaPublisher(producer, 4);
  const stream = publisher.openStream("t", 1);
  const type = "tool-call-delta" as const;
  stream.start(start);
  stream.add({ type, index: 0, id: "a", name: "weather", arguments: "" });
  // As the providers' packages give them: what is absent stands there as undefined.
  stream.add({ type, index: 0, id: undefined, name: undefined, arguments: "{" });
  stream.add({ type, index: 0, arguments: "}" });
  stream.add({ type, index: 1, id: "b", name: "now", arguments: "{}" });
  stream.seal();
  await publisher.flush(1000);
  assert.deepEqual(producer.parts.slice(1).map(({ part }) => part), [
    { type, index: 0, id: "a", name: "weather", arguments: "{}" },
    { type, index: 1, id: "b", name: "now", arguments: "{}" },
  ]);
});

Deno.test("it is behind while Kafka takes nothing, and not while it is only busy", async () => {
  let nowMs = 1000;
  const clock = mock.method(performance, "now", () => nowMs);
  try {
    const producer = new FakeProducer();
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    producer.hold = hold;
    const publisher = new DeltaPublisher(producer, 4);
    publisher.openStream("t", 1).start(start);
    await producer.asked.promise;
    assert.equal(publisher.isBehind, false);
    nowMs += 1000;
    assert.equal(publisher.isBehind, true);
    release();
    await publisher.flush(1000);
    assert.equal(publisher.isBehind, false);
  } finally {
    clock.mock.restore();
  }
});
