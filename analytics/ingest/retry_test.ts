import assert from "node:assert/strict";
import { retryForever } from "./retry.ts";

const heartbeat = () => Promise.resolve();
const occasion = "test";

Deno.test("a task is tried until it succeeds", async () => {
  let tries = 0;
  const result = await retryForever(
    { heartbeat, stopping: new AbortController().signal, occasion },
    "Could not count",
    () => ++tries < 3 ? Promise.reject(new Error("not yet")) : Promise.resolve(tries),
  );
  assert.equal(result, 3);
});

Deno.test("an error that trying again would not change is thrown at once", async () => {
  let tries = 0;
  const final = new TypeError("never");
  await assert.rejects(
    retryForever(
      { heartbeat, stopping: new AbortController().signal, occasion },
      "Could not count",
      () => {
        tries++;
        return Promise.reject(final);
      },
      (error) => error instanceof TypeError,
    ),
    final,
  );
  assert.equal(tries, 1);
});

Deno.test("a process that stops does not go on trying", async () => {
  const stopping = new AbortController();
  await assert.rejects(
    retryForever({ heartbeat, stopping: stopping.signal, occasion }, "Could not count", () => {
      stopping.abort(new Error("stopping"));
      return Promise.reject(new Error("away"));
    }),
    /stopping/,
  );
});

Deno.test("a batch that belongs to another member is given up with Kafka's own error", async () => {
  const lost = new Error("The group is rebalancing");
  await assert.rejects(
    retryForever(
      { heartbeat: () => Promise.reject(lost), stopping: new AbortController().signal, occasion },
      "Could not count",
      () => Promise.reject(new Error("away")),
    ),
    lost,
  );
});
