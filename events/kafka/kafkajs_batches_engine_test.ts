/** Batches of a group's member on a real broker, where one of them fails while the next is there already. */
import assert from "node:assert/strict";
import type { ReceivedMessage } from "./kafka_log.ts";
import { connectKafka } from "./kafkajs_log.ts";

Deno.test("a batch that fails comes again before those after it, and is not committed until it is done", async () => {
  const brokers = Deno.env.get("KAFKA_BROKERS")?.split(",");
  assert.ok(brokers, "KAFKA_BROKERS is not set. Run: deno task test");
  const topicPrefix = `test_${crypto.randomUUID().slice(0, 8)}.`;
  const kafka = connectKafka({ brokers, topicPrefix, clientId: "turnlog-test" });
  await kafka.ensureTopics();
  const producer = await kafka.producer();
  const send = async (numbers: number[]) => {
    // One request each, so that each is a batch of its own where no more bytes are asked for.
    for (const number of numbers) {
      await producer.send("events", [{ partition: 0, value: String(number) }]);
    }
  };
  /** Consumes as the same member each time. @param fails Whether a batch fails when it comes for the nth time. */
  const consume = async (until: number, fails: (offset: bigint, times: number) => boolean) => {
    const came: number[] = [];
    const times = new Map<bigint, number>();
    const done = Promise.withResolvers<void>();
    const subscription = await kafka.consume({
      topic: "events",
      groupId: `${topicPrefix}test`,
      lingerMs: 100,
      minBytes: 1,
      maxBytes: 1,
      // deno-lint-ignore require-await -- as a handler does
      async onBatch(messages: ReceivedMessage[]) {
        const { offset } = messages[0];
        came.push(...messages.map(({ offset }) => Number(offset)));
        times.set(offset, (times.get(offset) ?? 0) + 1);
        if (fails(offset, times.get(offset)!)) throw new Error("as the test wants it");
        if (messages.some(({ offset }) => Number(offset) === until)) done.resolve();
      },
    });
    await done.promise;
    await subscription.stop();
    return came;
  };

  await send([0, 1, 2, 3, 4]);
  const came = await consume(4, (offset, times) => offset === 1n && times <= 2);
  assert.deepEqual(came, [0, 1, 1, 1, 2, 3, 4]);
  await send([5]);
  assert.deepEqual(await consume(5, () => false), [5]);
  await kafka.close();
});
