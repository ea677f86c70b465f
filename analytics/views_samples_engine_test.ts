/** How processes and servers fared: the views against counts made by hand from a few samples. */
import assert from "node:assert/strict";
import { createSystemEvent, type SystemSample } from "../events/contract/event.ts";
import { stepEventId } from "../events/event_id.ts";
import { createViewDatabase } from "./testing/view_database.ts";

const range = { from: "2026-11-02T10:00:00Z", to: "2026-11-02T11:00:00Z", bucket: 600 };
const first = { time: "2026-11-02 10:00:00" };
const second = { time: "2026-11-02 10:10:00" };

const api = { component: "api", instance: "a:1" } as const;
const worker = { component: "worker", instance: "a:2" } as const;
const server = { component: "model-server", instance: "http://gpu" } as const;

const kafka = { component: "kafka", instance: "a:3" } as const;

const samples = [
  sample("10:00:00", { ...api, cpuShare: 0.2, memoryBytes: 100, eventLoopLagMs: 5 }),
  sample("10:05:00", { ...api, cpuShare: 0.6, memoryBytes: 300, eventLoopLagMs: 25 }),
  sample("10:00:01", { ...api, callsWaiting: 2, eventsUnpublished: 7 }),
  sample("10:00:02", { ...worker, callsWaiting: 3, eventsUnpublished: 9, cpuShare: 1.5 }),
  sample("10:10:30", { ...kafka, cpuShare: 0.1, memoryBytes: 500 }),
  sample("10:10:00", { ...server, kvCacheShare: 0.25, requestsRunning: 4, requestsWaiting: 1 }),
  sample("10:19:59", { ...server, kvCacheShare: 0.75, requestsRunning: 3, requestsWaiting: 6 }),
  sample("10:10:01", { ...server, tokensPerSecond: 80 }),
  sample("10:10:02", { ...server, tokensPerSecond: 0.5 }),
  sample("11:00:01", { ...server, tokensPerSecond: 9000 }),
  // After the range.
  sample("11:00:00", { ...api, cpuShare: 9, memoryBytes: 9000, eventLoopLagMs: 9000 }),
];

Deno.test("the views of samples", async (test) => {
  await using database = await createViewDatabase(samples);
  const ofApi = { ...first, ...api, process: "api a:1" };

  await test.step("process_cpu takes the mean and the most of each process's samples", async () => {
    assert.deepEqual(await database.view("process_cpu", range), [
      { ...ofApi, samples: 2, cpu_share_avg: 0.4, cpu_share_max: 0.6 },
      {
        ...first,
        ...worker,
        process: "worker a:2",
        samples: 1,
        cpu_share_avg: 1.5,
        cpu_share_max: 1.5,
      },
      {
        ...second,
        ...kafka,
        process: "kafka a:3",
        samples: 1,
        cpu_share_avg: 0.1,
        cpu_share_max: 0.1,
      },
    ]);
  });

  await test.step("process_memory and event_loop_lag leave out samples that do not tell them", async () => {
    assert.deepEqual(await database.view("process_memory", range), [
      { ...ofApi, samples: 2, memory_bytes_avg: 200, memory_bytes_max: 300 },
      {
        ...second,
        ...kafka,
        process: "kafka a:3",
        samples: 1,
        memory_bytes_avg: 500,
        memory_bytes_max: 500,
      },
    ]);
    assert.deepEqual(await database.view("event_loop_lag", range), [
      { ...ofApi, samples: 2, lag_ms_p50: 25, lag_ms_max: 25 },
    ]);
  });

  await test.step("model_server_cache tells how full a server's cache was", async () => {
    assert.deepEqual(await database.view("model_server_cache", range), [
      {
        ...second,
        ...server,
        process: "model-server http://gpu",
        samples: 2,
        kv_cache_share_avg: 0.5,
        kv_cache_share_max: 0.75,
        requests_running_max: 4,
      },
    ]);
  });

  await test.step("model_server_tokens takes the mean of what a server's samples tell", async () => {
    assert.deepEqual(await database.view("model_server_tokens", range), [
      {
        ...second,
        ...server,
        process: "model-server http://gpu",
        samples: 2,
        tokens_per_second_avg: 40.25,
        tokens_per_second_max: 80,
      },
    ]);
  });

  await test.step("queue_depths adds up processes, but for the store's events, which each tells whole", async () => {
    assert.deepEqual(await database.view("queue_depths", range), [
      { ...first, queue: "Calls of providers", waiting: 5 },
      { ...first, queue: "Events, not in Kafka", waiting: 9 },
      { ...second, queue: "Requests at model servers", waiting: 6 },
    ]);
  });
});

function sample(time: string, data: SystemSample) {
  return createSystemEvent({
    id: stepEventId("samples", data.instance, time),
    source: "test",
    type: "system.sampled",
    subject: `${data.component}/${data.instance}`,
    data,
    time: new Date(`2026-11-02T${time}Z`),
  });
}
