import assert from "node:assert/strict";
import type { KafkaLog } from "../events/kafka/kafka_log.ts";
import { LiveHub } from "./live_hub.ts";

/** A hub whose topic is caught up with when the test says so. */
async function withHub(test: (hub: LiveHub, catchUp: () => void) => Promise<void>): Promise<void> {
  const { promise: caughtUp, resolve } = Promise.withResolvers<void>();
  const kafka = {
    follow: () => Promise.resolve({ behind: 1, caughtUp, stop: () => Promise.resolve() }),
  } as Partial<KafkaLog> as KafkaLog;
  const hub = await LiveHub.follow(kafka);
  try {
    await test(hub, resolve);
  } finally {
    await hub.close();
  }
}

/** Lets all go on that can. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

Deno.test("readers wait until a process that has just started has caught up, and later ones do not", () =>
  withHub(async (hub, catchUp) => {
    const order: string[] = [];
    const leaving = new AbortController();
    const reader = hub.whenCaughtUp(leaving.signal).then(() => order.push("reader"));
    await settle();
    order.push("caught up");
    catchUp();
    await reader;
    assert.deepEqual(order, ["caught up", "reader"]);
    leaving.abort();
    await hub.whenCaughtUp(new AbortController().signal);
  }));

Deno.test("a reader that goes away does not wait for the process to catch up", () =>
  withHub(async (hub) => {
    const leaving = new AbortController();
    let isOver = false;
    const reader = hub.whenCaughtUp(leaving.signal).then(() => isOver = true);
    await settle();
    assert.equal(isOver, false);
    leaving.abort();
    await reader;
  }));
