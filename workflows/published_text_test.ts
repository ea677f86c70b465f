import assert from "node:assert/strict";
import { encodeTurnParts, type TurnPart } from "../events/kafka/delta_message.ts";
import type {
  Follower,
  FollowOptions,
  KafkaLog,
  ReceivedMessage,
} from "../events/kafka/kafka_log.ts";
import { PublishedTextReader } from "./published_text.ts";
import { until } from "./testing/until.ts";

/** A topic with these parts, which is caught up with when the test says so. */
function topicOf(parts: readonly TurnPart[]) {
  const readings: PromiseWithResolvers<void>[] = [];
  const message = { value: encodeTurnParts(parts) } as ReceivedMessage;
  const kafka = {
    follow({ onMessage }: FollowOptions) {
      const caughtUp = Promise.withResolvers<void>();
      readings.push(caughtUp);
      onMessage(message);
      return Promise.resolve({ caughtUp: caughtUp.promise, stop: () => Promise.resolve() });
    },
  } as Partial<KafkaLog> as KafkaLog;
  return { kafka, readings };
}

function delta(turnId: string, sequence: number, text: string): TurnPart {
  return { turnId, position: { attempt: 1, sequence }, part: { type: "text-delta", text } };
}

Deno.test("what was published of an attempt is joined up to the first gap", async () => {
  const parts = [
    delta("a", 0, "one "),
    delta("b", 0, "other"),
    delta("a", 1, "two"),
    delta("a", 3, "!"),
  ];
  const { kafka, readings } = topicOf(parts);
  const reading = new PublishedTextReader(kafka).read("a", 1, Date.now());
  await until(() => readings.length === 1);
  readings[0].resolve();
  assert.deepEqual(await reading, { text: "one two", reasoning: "", lastSequence: 1 });
});

Deno.test("a topic that cannot be read fails within its time, and is let go of when it can", async () => {
  const answering = Promise.withResolvers<Follower>();
  const kafka = { follow: () => answering.promise } as Partial<KafkaLog> as KafkaLog;
  await assert.rejects(new PublishedTextReader(kafka, 20).read("a", 1, Date.now()), /Kafka/);
  const stopped = Promise.withResolvers<void>();
  const stop = () => Promise.resolve(stopped.resolve());
  answering.resolve({ behind: 0, caughtUp: Promise.resolve(), stop });
  await stopped.promise;
});

Deno.test("turns that ask while the topic is read share its next reading", async () => {
  const { kafka, readings } = topicOf(["a", "b", "c"].map((turnId) => delta(turnId, 0, turnId)));
  const reader = new PublishedTextReader(kafka);
  const first = reader.read("a", 1, Date.now());
  await until(() => readings.length === 1);
  const others = [reader.read("b", 1, Date.now()), reader.read("c", 1, Date.now())];
  readings[0].resolve();
  assert.equal((await first).text, "a");
  await until(() => readings.length === 2);
  readings[1].resolve();
  assert.deepEqual((await Promise.all(others)).map(({ text }) => text), ["b", "c"]);
  assert.equal(readings.length, 2);
});
