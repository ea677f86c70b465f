/** Ingestion as a process, on a real broker and a real ClickHouse, while both it and ClickHouse are killed. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { createEvent } from "../../events/contract/event.ts";
import { newEventId } from "../../events/event_id.ts";
import type { ReceivedMessage } from "../../events/kafka/kafka_log.ts";
import { connectKafka } from "../../events/kafka/kafkajs_log.ts";
import { rowsOf } from "../clickhouse.ts";
import { clientOf, startTemporaryServer } from "../embedded/temporary_server.ts";
import { migrate } from "../migrate.ts";
import { freePort, until } from "../testing/waiting.ts";

const waitMsMax = 60_000;

Deno.test("ingestion", async (test) => {
  const brokers = Deno.env.get("KAFKA_BROKERS")?.split(",");
  assert.ok(brokers, "KAFKA_BROKERS is not set. Run: deno task test");
  const topicPrefix = `test_${crypto.randomUUID().slice(0, 8)}.`;
  const kafka = connectKafka({ brokers, topicPrefix, clientId: "turnlog-test" });
  await kafka.ensureTopics();
  const producer = await kafka.producer();
  await using server = await startTemporaryServer();
  await using clickHouse = clientOf(server.writerUrl);
  await migrate({ url: server.writerUrl });
  const environment = {
    KAFKA_BROKERS: brokers.join(),
    TURNLOG_TOPIC_PREFIX: topicPrefix,
    CLICKHOUSE_URL: server.writerUrl,
    TURNLOG_LOG_LEVEL: "error",
    // A sample would be one more event than was sent.
    TURNLOG_SAMPLE_SECONDS: "0",
  };
  await using ingest = new IngestProcess(environment);

  const rows = <Row>(query: string) => rowsOf<Row>(clickHouse, query);
  const countOf = async (from: string) =>
    (await rows<{ n: number }>(`SELECT count() AS n FROM ${from}`))[0].n;
  const sent = new Set<string>();
  const send = async (count: number) => {
    const events = Array.from({ length: count }, (_, index) => someEvent(index));
    const messages = events.map((event) => ({
      key: event.conversationId,
      value: JSON.stringify(event),
    }));
    await producer.send("events", messages);
    for (const { id } of events) sent.add(id);
    return messages;
  };
  const everythingIsThereOnce = async () => {
    await until(async () => await countOf("events FINAL") >= sent.size, waitMsMax);
    const ids = await rows<{ id: string }>("SELECT event_id AS id FROM events FINAL");
    assert.equal(ids.length, sent.size);
    assert.deepEqual(new Set(ids.map(({ id }) => id)), sent);
  };

  await test.step("brings every event into its row", async () => {
    await send(2000);
    await everythingIsThereOnce();
  });

  await test.step("says that it is ready, and how far it is", async () => {
    const ready = await fetch(`${ingest.healthUrl}/readyz`);
    assert.deepEqual(await ready.json(), { kafka: "ok", clickhouse: "ok" });
    const metrics = await (await fetch(`${ingest.healthUrl}/metrics`)).text();
    assert.match(metrics, /^turnlog_ingest_rows_total 2000$/m);
    assert.match(metrics, /^turnlog_ingest_lag_messages\{partition="\d"\} 0$/m);
    assert.match(metrics, /^turnlog_ingest_lag_seconds\{partition="\d"\} 0$/m);
  });

  await test.step("tells how far its own partitions are, and none that another process has", async () => {
    const all = Array.from({ length: await kafka.partitionCount("events") }, (_, index) => index);
    const partitions = async ({ healthUrl }: IngestProcess) => [...(await lagOf(healthUrl)).keys()];
    await until(async () => (await partitions(ingest)).length === all.length, waitMsMax);
    {
      await using second = new IngestProcess(environment);
      await until(async () => {
        const [some, others] = [await partitions(ingest), await partitions(second)];
        return others.length > 0 && some.length > 0 &&
          isDeepStrictEqual([...some, ...others].sort(), all);
      }, waitMsMax);
    }
    await until(async () => (await partitions(ingest)).length === all.length, waitMsMax);
  });

  await test.step("counts what comes again, also what another process inserted", async () => {
    const duplicates = async () =>
      Number((await rows<{ n: string }>("SELECT sum(events) AS n FROM duplicates"))[0].n);
    const messages = await send(300);
    await everythingIsThereOnce();
    assert.equal(await duplicates(), 0);
    await producer.send("events", [...messages.slice(0, 100), ...messages.slice(0, 20)]);
    await until(async () => await duplicates() >= 120, waitMsMax);

    assert.equal(await ingest.terminate(), 0);
    await producer.send("events", messages);
    await send(50);
    ingest.start();
    await until(async () => await duplicates() >= 420, waitMsMax);
    await everythingIsThereOnce();
    assert.equal(await duplicates(), 420);
  });

  await test.step("sets aside what is no event, whole, and goes on with the rest", async () => {
    const letters: ReceivedMessage[] = [];
    const subscription = await kafka.follow({
      topic: "deadLetters",
      fromMs: 0,
      onMessage: (message) => void letters.push(message),
    });
    const good = JSON.stringify(someEvent(0));
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const bad: [string | Uint8Array, RegExp][] = [
      ["no JSON", /^The message is not JSON/],
      [new Uint8Array([0xff, 0x00, 0xfe]), /^The message is not JSON/],
      ["{}", /^specversion: found nothing/],
      [good.replace(/"time":"[^"]*"/, '"time":"soon"'), /^time: found "soon"/],
      [good.replace('"text":""', `"a":${nested(20_000)}`), /^The message cannot be read: Range/],
      // These three pass every check here; ClickHouse refuses them as data.
      [good.replace('"text":""', `"a":${nested(2000)}`), /Cannot parse JSON object/],
      [good.replace('"costUsd":0', '"costUsd":1e30'), /Decimal value is too big/],
      [good.replace('"text":""', '"a.b":1,"a":{"b":2}'), /Duplicate path/],
    ];
    const values = bad.map(([value]) => value);
    await send(100);
    const odd = { ...someEvent(0), type: "__defineGetter__" };
    sent.add(odd.id);
    await producer.send("events", [{ key: "one", value: JSON.stringify(odd) }]);
    await producer.send("events", values.map((value) => ({ key: "one", value })));
    await send(100);
    await everythingIsThereOnce();

    await until(() => Promise.resolve(letters.length >= bad.length), waitMsMax);
    await until(async () => await countOf("dead_letters FINAL") >= bad.length, waitMsMax);
    assert.deepEqual(letters.map(({ value }) => hex(value!)).sort(), values.map(hex).sort());
    const kept = await rows<{ offset: number; reason: string; value: string }>(
      "SELECT offset, reason, " +
        "hex(if(value_encoding = 'base64', base64Decode(value), value)) AS value " +
        "FROM dead_letters FINAL ORDER BY offset",
    );
    assert.deepEqual(kept.map(({ value }) => value), values.map(hex));
    for (const [index, [, reason]] of bad.entries()) assert.match(kept[index].reason, reason);
    for (const { headers } of letters) {
      assert.equal(headers["turnlog-topic"], kafka.topics.events);
      assert.ok(kept.some(({ offset }) => String(offset) === headers["turnlog-offset"]));
    }
    const metrics = await (await fetch(`${ingest.healthUrl}/metrics`)).text();
    assert.match(metrics, /^turnlog_ingest_dead_letters_total\{reason_class="refused"\} 3$/m);
    assert.match(metrics, /^turnlog_ingest_duplicates_total 300$/m);
    await subscription.stop();
  });

  await test.step("waits for a ClickHouse that is away, and loses and doubles nothing", async () => {
    await server.kill();
    await send(250);
    await until(async () => (await readiness(ingest.healthUrl)).status === 503, waitMsMax);
    await send(250);
    const behind = async () =>
      (await lagOf(ingest.healthUrl)).values().reduce((sum, each) => sum + each, 0);
    await until(async () => await behind() === 500, waitMsMax);
    await server.restart();
    await everythingIsThereOnce();
    await until(async () => await behind() === 0, waitMsMax);
    assert.equal((await readiness(ingest.healthUrl)).status, 200);
  });

  await test.step("is killed in the middle, and loses and doubles nothing", async () => {
    for (let round = 0; round < 2; round++) {
      const before = await countOf("events");
      await send(3000);
      await until(async () => await countOf("events") > before, waitMsMax);
      await ingest.kill();
      ingest.start();
      await send(500);
    }
    await everythingIsThereOnce();
  });

  await test.step("stops in order, and with a ClickHouse that is away too", async () => {
    assert.equal(await ingest.terminate(), 0);
    ingest.start();
    await server.kill();
    await send(10);
    const tries = /^turnlog_ingest_insert_errors_total [1-9]/m;
    await until(async () => {
      const metrics = await fetch(`${ingest.healthUrl}/metrics`).catch(() => null);
      return metrics !== null && tries.test(await metrics.text());
    }, waitMsMax);
    assert.equal(await ingest.terminate(), 0);
    await server.restart();
    ingest.start();
    await everythingIsThereOnce();
  });

  await kafka.close();
});

/** The process `analytics/ingest_main.ts`, running from the start. */
class IngestProcess {
  readonly healthUrl: string;
  readonly #environment: Record<string, string>;
  #process: Deno.ChildProcess;
  #running = true;

  constructor(environment: Record<string, string>) {
    const port = freePort();
    this.healthUrl = `http://127.0.0.1:${port}`;
    this.#environment = { ...environment, TURNLOG_HEALTH_PORT: String(port) };
    this.#process = this.#launch();
  }

  start(): void {
    this.#process = this.#launch();
    this.#running = true;
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** @returns The exit code. */
  terminate(): Promise<number> {
    return this.#end("SIGTERM");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #launch(): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("../ingest_main.ts", import.meta.url).pathname],
      env: this.#environment,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
  }

  async #end(signal: Deno.Signal): Promise<number> {
    if (this.#running) this.#process.kill(signal);
    this.#running = false;
    return (await this.#process.status).code;
  }
}

function someEvent(index: number) {
  return createEvent({
    id: newEventId(),
    source: "turnlog/workflows",
    type: "attempt.completed",
    subject: {
      tenant: "default",
      userKey: "user",
      conversationId: `conversation-${index % 20}`,
      turnId: `turn-${index}`,
      attempt: 1,
    },
    data: {
      provider: "simulated",
      model: "demo",
      requestModel: "demo",
      isFallback: false,
      responseModel: "demo",
      timeToFirstTokenMs: 150,
      durationMs: 400,
      usage: { inputTokens: 1, outputTokens: 2, cachedTokens: 0, reasoningTokens: 0 },
      costUsd: 0,
      priceVersion: null,
      text: "",
      reasoning: "",
      isContinuation: false,
      lastSequence: 3,
      finishReason: { unified: "stop", raw: null },
    },
  });
}

async function readiness(url: string): Promise<Response> {
  const response = await fetch(`${url}/readyz`);
  await response.body?.cancel();
  return response;
}

/** @returns How many messages each of its partitions is behind; none where the process is not up yet. */
async function lagOf(healthUrl: string): Promise<Map<number, number>> {
  const response = await fetch(`${healthUrl}/metrics`).catch(() => null);
  const metrics = await response?.text() ?? "";
  const lines = metrics.matchAll(/^turnlog_ingest_lag_messages\{partition="(\d+)"\} (\d+)$/gm);
  return new Map(lines.map(([, partition, messages]) => [Number(partition), Number(messages)]));
}

function hex(value: string | Uint8Array): string {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value);
  return bytes.toHex().toUpperCase();
}
