/** Dead letters that are replayed, and a ClickHouse that is rebuilt from the store and from Kafka. */
import assert from "node:assert/strict";
import { createEvent } from "../events/contract/event.ts";
import { newEventId } from "../events/event_id.ts";
import { connectKafka } from "../events/kafka/kafkajs_log.ts";
import { withStore } from "../events/store/temporary_store.ts";
import { readEventRows } from "./ingest/event_row.ts";
import { replayDeadLetters } from "./ingest/replay_dead_letters.ts";
import { migrate } from "./migrate.ts";
import { rebuildFromKafka, rebuildFromStore, type RebuildOptions } from "./rebuild.ts";
import { createTemporaryDatabase, type TemporaryDatabase } from "./testing/temporary_database.ts";

function message(number: number, text = `message ${number}`) {
  return createEvent({
    id: newEventId(),
    source: "turnlog/api",
    type: "message.sent",
    subject: {
      tenant: "default",
      userKey: "u",
      conversationId: `c${number % 7}`,
      turnId: `t${number}`,
    },
    data: { text, parentTurnId: null, route: "default", requestHash: "h" },
    time: new Date(Date.UTC(2026, 9, 1, 0, 0, 0, number)),
  });
}

const rowsOf = (event: unknown) => readEventRows(new TextEncoder().encode(JSON.stringify(event)));

/** What the tables hold: each event once, with its text. */
async function textsOf({ rows }: TemporaryDatabase): Promise<Map<string, string>> {
  const found = await rows<{ id: string; text: string }>(
    `SELECT events.event_id AS id, text FROM events FINAL
     LEFT JOIN (SELECT event_id, text FROM event_texts FINAL) AS texts USING (event_id)`,
  );
  assert.equal(new Set(found.map(({ id }) => id)).size, found.length, "an event is there twice");
  return new Map(found.map(({ id, text }) => [id, text]));
}

const asTexts = (events: ReturnType<typeof message>[]) =>
  new Map(events.map(({ id, data }) => [id, data.text]));

Deno.test("dead letters that are events now become events, and are shown as dead letters no more", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  const facts = [message(0), message(1), message(2)];
  const values = [
    ...facts.map((fact) => JSON.stringify(fact)),
    // ClickHouse refuses it still.
    JSON.stringify(facts[0]).replace('"route"', '"a.b":1,"a":{"b":2},"route"'),
    "no JSON",
  ];
  await database.client.insert({
    table: "dead_letters",
    format: "JSONEachRow",
    values: values.map((value, offset) => ({
      topic: "turnlog.events",
      partition: 1,
      offset,
      message_time: `2026-10-01 00:00:0${offset}.000`,
      reason_class: offset === 4 ? "not-json" : "refused",
      reason: offset === 1 ? "Too many partitions" : "something else",
      value: offset === 2 ? new TextEncoder().encode(value).toBase64() : value,
      value_encoding: offset === 2 ? "base64" : "text",
    })),
  });
  const replay = async (filter: Parameters<typeof replayDeadLetters>[1]) => {
    const never = new AbortController().signal;
    return (await Array.fromAsync(replayDeadLetters(database.client, filter, never)))
      .map(({ place, event, reason }) => [place.split(" ").at(-1), event?.id ?? reason]);
  };
  const shown = async () =>
    await database.rows<{ n: number }>(
      `SELECT sum(dead_letters) AS n FROM dead_letters_over_time(
         from = '2026-10-01 00:00:00', to = '2026-10-02 00:00:00', bucket = 86400)`,
    );
  assert.deepEqual(await shown(), [{ n: 5 }]);

  assert.deepEqual(await replay({ reason: "too many PARTITIONS" }), [["1", facts[1].id]]);
  assert.deepEqual(await replay({ to: new Date("2026-10-01T00:00:00.500Z") }), [
    ["0", facts[0].id],
  ]);
  assert.deepEqual(await shown(), [{ n: 3 }]);
  const [replayed, refused, broken] = await replay({});
  assert.deepEqual(replayed, ["2", facts[2].id]);
  assert.match(String(refused), /^3,.*Duplicate path/s);
  assert.match(String(broken), /^4,The message is not JSON/);
  assert.deepEqual(await shown(), [{ n: 2 }]);
  assert.deepEqual(await textsOf(database), asTexts(facts));
  // They came long after they were stated, which says nothing of how long events take.
  assert.deepEqual(await database.rows("SELECT countIf(NOT is_rebuilt) AS n FROM events FINAL"), [
    { n: 0 },
  ]);
  assert.deepEqual(
    await database.rows("SELECT offset FROM dead_letters FINAL WHERE replayed_at IS NULL"),
    [{ offset: 3 }, { offset: 4 }],
  );
});

Deno.test("more dead letters than fit a page are replayed, each by its own reason, and large ones too", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  // Two of each offset, of which one begins the second page: the topic was made anew between them.
  const facts = Array.from({ length: 101 }, (_, number) => message(number));
  // The last of the first page: larger than an address may be.
  facts[49] = message(49, "many words ".repeat(200_000));
  await database.client.insert({
    table: "dead_letters",
    format: "JSONEachRow",
    values: facts.map((fact, index) => ({
      topic: "turnlog.events",
      partition: 1,
      offset: Math.floor((index + 1) / 2),
      message_time: "2026-10-01 00:00:00.000",
      message_ms: index,
      reason_class: "refused",
      reason: `Too many partitions, at row ${index}`,
      value: JSON.stringify(fact),
      value_encoding: "text",
    })),
  });
  const replayed = await Array.fromAsync(
    replayDeadLetters(database.client, { reason: "refused" }, new AbortController().signal),
  );
  assert.deepEqual(replayed.map(({ event }) => event?.id), facts.map(({ id }) => id));
  assert.deepEqual(await textsOf(database), asTexts(facts));
});

/** Options that gather what was told. */
function rebuilding({ client }: TemporaryDatabase) {
  const stopping = new AbortController();
  const shares: number[] = [];
  const options: RebuildOptions = {
    clickHouse: client,
    stopping: stopping.signal,
    onProgress: ({ share }) => shares.push(share),
  };
  return { options, shares, stopping };
}

Deno.test("a rebuild from the store makes lost and wrong rows good, doubles nothing, and keeps what it does not know", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  await withStore(async (store) => {
    const events = Array.from({ length: 9000 }, (_, number) => message(number));
    await store.append(events);
    // A third is there, and wrong; one is of nobody's store.
    const wrong = events.filter((_, number) => number % 3 === 0).map((event) => ({
      ...event,
      data: { ...event.data, text: "wrong" },
    }));
    const alien = message(1, "only in ClickHouse");
    const there = [...wrong, alien].map(rowsOf);
    const insert = (table: string, values: unknown[]) =>
      database.client.insert({ table, values, format: "JSONEachRow" });
    await insert("events", there.map(({ event }) => event));
    await insert("event_texts", there.map(({ texts }) => texts));

    // Broken off after the first batch, and begun again.
    const first = rebuilding(database);
    first.options.onProgress = () => first.stopping.abort();
    const brokenOff = await rebuildFromStore(store, first.options);
    assert.equal(brokenOff.others, null);
    assert.ok(brokenOff.events > 0 && brokenOff.events < events.length, `${brokenOff.events}`);

    const { options, shares } = rebuilding(database);
    assert.deepEqual(await rebuildFromStore(store, options), {
      events: events.length,
      notEvents: 0,
      others: 1,
    });
    assert.equal(shares.at(-1), 1);
    assert.deepEqual(await textsOf(database), asTexts([alien, ...events]));
    // How long events took is known of those alone that no rebuild wrote.
    assert.deepEqual(
      await database.rows("SELECT countIf(NOT is_rebuilt) AS n FROM events FINAL"),
      [{ n: 1 }],
    );
  });
});

Deno.test("a rebuild from Kafka reads the topic to its end, and leaves out what is no event", async () => {
  const brokers = Deno.env.get("KAFKA_BROKERS")?.split(",");
  assert.ok(brokers, "KAFKA_BROKERS is not set. Run: deno task test");
  const topicPrefix = `test_${crypto.randomUUID().slice(0, 8)}.`;
  const kafka = connectKafka({ brokers, topicPrefix, clientId: "turnlog-test" });
  await using database = await createTemporaryDatabase();
  try {
    await kafka.ensureTopics();
    await migrate({ url: database.url });
    const { options, shares: ofNothing } = rebuilding(database);
    assert.deepEqual(await rebuildFromKafka(kafka, options), {
      events: 0,
      notEvents: 0,
      others: 0,
    });
    assert.deepEqual(ofNothing, [1]);
    const producer = await kafka.producer();
    const long = "many words ".repeat(200);
    const events = Array.from(
      { length: 6000 },
      (_, number) => message(number, `${number} ${long}`),
    );
    const messages = events.map((event) => ({
      key: event.conversationId,
      value: JSON.stringify(event),
    }));
    await producer.send("events", [...messages, { key: "c1", value: "no event" }]);
    const { options: again, shares } = rebuilding(database);
    assert.deepEqual(await rebuildFromKafka(kafka, again), {
      events: events.length,
      notEvents: 1,
      others: 0,
    });
    assert.ok(shares.length > 1, "the topic was read in one batch");
    assert.equal(shares.at(-1), 1);
    assert.deepEqual(await textsOf(database), asTexts(events));
  } finally {
    await kafka.close();
  }
});
