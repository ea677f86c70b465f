import assert from "node:assert/strict";
import type { SystemEventOf } from "./contract/event.ts";
import { startSampling } from "./system_samples.ts";

type Sample = SystemEventOf<"system.sampled">;

/** What is published until there are so many samples. */
async function samplesOf(
  count: number,
  options: Partial<Parameters<typeof startSampling>[0]>,
): Promise<{ key: string; sample: Sample }[]> {
  const published: { key: string; sample: Sample }[] = [];
  const enough = Promise.withResolvers<void>();
  const sampling = startSampling({
    component: "worker",
    source: "turnlog/workflows",
    intervalSeconds: 0.6,
    producer: {
      // deno-lint-ignore require-await -- as a producer does
      async send(topic, messages) {
        assert.equal(topic, "events");
        for (const { key, value } of messages) {
          published.push({ key: key!, sample: JSON.parse(value as string) });
        }
        if (published.length >= count) enough.resolve();
      },
    },
    measure: () => Promise.resolve({}),
    ...options,
  });
  await enough.promise;
  sampling.stop();
  return published;
}

Deno.test("a process states what it takes, how long it lets others wait, and what waits for it", async () => {
  const block = setTimeout(() => {
    const untilMs = performance.now() + 300;
    while (performance.now() < untilMs);
  }, 300);
  const [{ key, sample }] = await samplesOf(1, {
    measure: () => Promise.resolve({ callsUnderWay: 3, eventsUnpublished: 2 }),
  });
  clearTimeout(block);
  assert.equal(sample.type, "system.sampled");
  assert.equal(key, sample.subject);
  assert.match(sample.subject, /^worker\/.+:\d+$/);
  const { cpuShare, memoryBytes, eventLoopLagMs, callsUnderWay, eventsUnpublished } = sample.data;
  assert.ok(cpuShare! > 0);
  assert.ok(memoryBytes! > 10_000_000);
  // The probe was due while the loop was held up.
  assert.ok(eventLoopLagMs! >= 50, `${eventLoopLagMs} ms`);
  assert.deepEqual({ callsUnderWay, eventsUnpublished }, {
    callsUnderWay: 3,
    eventsUnpublished: 2,
  });
});

Deno.test("a vLLM server is sampled beside the process, and one that is away is left out", async () => {
  const page =
    "vllm:num_requests_running 4\nvllm:num_requests_waiting 1\nvllm:kv_cache_usage_perc 0.5\n";
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(page),
  );
  const baseUrl = `http://127.0.0.1:${server.addr.port}/v1`;
  const [, ...others] = await samplesOf(2, {
    component: "api",
    servers: () => ["http://127.0.0.1:9/v1", baseUrl],
  });
  await server.shutdown();
  assert.deepEqual(others.map(({ sample }) => sample.data), [{
    component: "model-server",
    instance: baseUrl,
    requestsRunning: 4,
    requestsWaiting: 1,
    kvCacheShare: 0.5,
  }]);
});

Deno.test("from the second sample on it tells how many tokens a second a server writes", async () => {
  let tokens = 1000;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response(`vllm:num_requests_running 0\nvllm:generation_tokens_total ${tokens += 60}\n`),
  );
  const samples = await samplesOf(6, {
    servers: () => [`http://127.0.0.1:${server.addr.port}/v1`],
  });
  await server.shutdown();
  const rates = samples.map(({ sample }) => sample.data)
    .filter(({ component }) => component === "model-server")
    .map(({ tokensPerSecond }) => tokensPerSecond);
  assert.equal(rates[0], undefined);
  // 60 tokens in the 0.6 s or so from sample to sample.
  for (const rate of rates.slice(1)) assert.ok(rate! > 10 && rate! < 1000, `${rate}`);
});

Deno.test("the engines beside a process are stated with it", async () => {
  const [, { key, sample }] = await samplesOf(2, {
    component: "ingest",
    engines: () => [{ component: "kafka", instance: "a:7", memoryBytes: 5 }],
  });
  assert.equal(key, "kafka/a:7");
  assert.deepEqual(sample.data, { component: "kafka", instance: "a:7", memoryBytes: 5 });
});

Deno.test("what cannot be published is given up, and the next sample comes all the same", async () => {
  let isAway = true;
  const [{ sample }] = await samplesOf(1, {
    intervalSeconds: 0.1,
    measure: () => {
      if (!isAway) return Promise.resolve({});
      isAway = false;
      return Promise.reject(new Error("the store is away"));
    },
  });
  assert.equal(sample.data.component, "worker");
});
