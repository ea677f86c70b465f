/**
 * How many events a second come from Kafka into ClickHouse, beside what the same machine inserts of the same rows, in
 * batches of the same size, straight from its memory; and how soon an event shows in a view at a steady rate.
 */
import { Readable } from "node:stream";
import { type ClickHouseClient, connectClickHouse } from "../../analytics/clickhouse.ts";
import { type EventRows, readEventRows } from "../../analytics/ingest/event_row.ts";
import { batchBytes } from "../../analytics/ingest/ingestion.ts";
import { insertSettings } from "../../analytics/ingest/insert_rows.ts";
import { migrate } from "../../analytics/migrate.ts";
import type { KafkaProducer, Message } from "../../events/kafka/kafka_log.ts";
import { connectKafka } from "../../events/kafka/kafkajs_log.ts";
import { topicSettings } from "../../events/kafka/topics.ts";
import { startIngestProcess } from "../load/ingest_process.ts";
import { eventsPerTurn, turnEvents } from "../load/turn_events.ts";
import { until } from "../load/until.ts";
import type { Stack } from "../stack.ts";
import { numberOf } from "./many_events.ts";
import { type Figure, quantile, sleepUntil, wallClockMs } from "./measurement.ts";

/** Both are measured in turn, since the machine may be quicker at one time than at the other. */
const rounds = 3;
const turnsPerRound = 32_000;
/** How many turns are sent to Kafka in one request. */
const turnsPerRequest = 200;
const ingestMsMax = 300_000;
/** How often it is asked whether all are there: not too often, since each question takes a processor too. */
const askEveryMs = 100;

/** The steady rate: turns a second, and for how long. */
const steady = { turnsPerSecond: 40, seconds: 20 };

/** @param stack Kafka and ClickHouse alone. */
export async function measureIngest(stack: Stack): Promise<Figure[]> {
  const clickHouse = connectClickHouse(stack.variables.CLICKHOUSE_URL);
  const kafka = connectKafka({
    brokers: [stack.addresses.kafka],
    topicPrefix: "",
    clientId: "turnlog-bench",
  });
  try {
    const producer = await kafka.producer();
    const direct: Progress[] = [];
    const fromKafka: Progress[] = [];
    for (let round = 0; round < rounds; round++) {
      const messages = messagesOf(round);
      direct.push(await insertDirectly(stack, `direct_${round}`, asBatches(messages)));
      await sendAll(producer, messages);
      const ingest = startIngestProcess(stack);
      try {
        fromKafka.push(await untilIngested(clickHouse, round * messages.length, messages.length));
      } finally {
        await ingest.stop();
      }
    }
    const ingest = startIngestProcess(stack);
    try {
      const viewMs = await measureView(clickHouse, producer);
      return figures({ fromKafka: rateOf(fromKafka), direct: rateOf(direct), viewMs });
    } finally {
      await ingest.stop();
    }
  } finally {
    await kafka.close();
    await clickHouse.close();
  }
}

/** Events, and how long they took: from when the first ones were on their way into ClickHouse until all were there. */
interface Progress {
  events: number;
  ms: number;
}

/** @returns Events a second. */
function rateOf(rounds: Progress[]): number {
  const sum = (name: keyof Progress) => rounds.reduce((sum, round) => sum + round[name], 0);
  return sum("events") / (sum("ms") / 1000);
}

function messagesOf(round: number): Message[] {
  const time = new Date(Date.now() - 3_600_000);
  const first = round * turnsPerRound;
  return Array.from({ length: turnsPerRound }, (_, index) => turnEvents(first + index, time))
    .flat();
}

async function sendAll(producer: KafkaProducer, messages: Message[]): Promise<void> {
  const perRequest = turnsPerRequest * eventsPerTurn;
  for (let first = 0; first < messages.length; first += perRequest) {
    await producer.send("events", messages.slice(first, first + perRequest));
  }
}

function figures({ fromKafka, direct, viewMs }: {
  fromKafka: number;
  direct: number;
  viewMs: number[];
}): Figure[] {
  const rate = `${steady.turnsPerSecond * eventsPerTurn} events a second`;
  return [
    {
      what: `from Kafka into ClickHouse, ${rounds * turnsPerRound * eventsPerTurn} events`,
      value: fromKafka,
      unit: "events/s",
      against: { what: "the same rows straight from memory", value: direct },
    },
    {
      what: `an event until a view shows it, p50, at ${rate}`,
      value: quantile(viewMs),
      unit: "ms",
    },
    {
      what: "the same, p95",
      value: quantile(viewMs, 0.95),
      unit: "ms",
      against: { what: "aim", value: 2000 },
    },
  ];
}

/** Rows as they are sent to ClickHouse, by table. */
type Batch = Record<"events" | "event_texts", string>;

/** The rows of the messages in batches as ingestion makes them: as many bytes of messages. */
function asBatches(messages: Message[]): Batch[] {
  const batches: Batch[] = [];
  let rows: EventRows[] = [];
  let bytes = 0;
  const finish = () => {
    const lines = (each: unknown[]) => each.map((row) => JSON.stringify(row)).join("\n");
    const texts = rows.flatMap(({ texts }) => texts ?? []);
    batches.push({ events: lines(rows.map(({ event }) => event)), event_texts: lines(texts) });
    rows = [];
    bytes = 0;
  };
  for (const { value } of messages) {
    const message = new TextEncoder().encode(String(value));
    if (bytes + message.length > batchBytes) finish();
    rows.push(readEventRows(message));
    bytes += message.length;
  }
  finish();
  return batches;
}

/** Inserts into a database of its own, as many batches at once as ingestion does. */
async function insertDirectly(
  stack: Stack,
  database: string,
  batches: Batch[],
): Promise<Progress> {
  const administrator = connectClickHouse(stack.variables.CLICKHOUSE_URL);
  await administrator.command({ query: `CREATE DATABASE ${database}` });
  const url = new URL(stack.variables.CLICKHOUSE_URL);
  url.pathname = `/${database}`;
  await migrate({ url: url.href });
  const clickHouse = connectClickHouse(url.href);
  const waiting = [...batches];
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: topicSettings.events.partitions }, async () => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      for (const [table, body] of Object.entries(batch)) {
        const { stream } = await clickHouse.exec({
          query: `INSERT INTO ${table} FORMAT JSONEachRow`,
          values: Readable.from([body], { objectMode: false }),
          clickhouse_settings: insertSettings,
        });
        stream.resume();
      }
    }
  }));
  const ms = performance.now() - beganMs;
  const events = await numberOf(clickHouse, "SELECT count() FROM events");
  await clickHouse.close();
  await administrator.command({ query: `DROP DATABASE ${database} SYNC` });
  await administrator.close();
  return { events, ms };
}

/** @param before How many events were there already. @param count How many are to come. */
async function untilIngested(
  clickHouse: ClickHouseClient,
  before: number,
  count: number,
): Promise<Progress> {
  const firstMs = `SELECT toUnixTimestamp64Milli(ingested_at) FROM events
    ORDER BY ingested_at LIMIT 1 OFFSET ${before}`;
  await until("all events are in ClickHouse", ingestMsMax, async () => {
    await sleepUntil(wallClockMs() + askEveryMs);
    return await numberOf(clickHouse, "SELECT count() FROM events") >= before + count;
  });
  const endMs = wallClockMs();
  return { events: count, ms: endMs - await numberOf(clickHouse, firstMs) };
}

/**
 * Sends turns at a steady rate and asks a view all the while. They are of one conversation, so that they come in the order
 * in which they are sent.
 *
 * @returns For each turn, how long it was until the view counted it.
 */
async function measureView(
  clickHouse: ClickHouseClient,
  producer: KafkaProducer,
): Promise<number[]> {
  const from = Date.now();
  const count = steady.turnsPerSecond * steady.seconds;
  const query = `SELECT sum(turns) FROM turns_over_time(from = fromUnixTimestamp64Milli(${from}),
    to = fromUnixTimestamp64Milli(${
    from + 3_600_000
  }), bucket = 3600, model = '', experiment = '', variant = '')`;
  const sentMs: number[] = [];
  const seenMs: number[] = [];
  const sending = (async () => {
    for (let index = 0; index < count; index++) {
      await sleepUntil(from + index * 1000 / steady.turnsPerSecond);
      sentMs.push(wallClockMs());
      const events = turnEvents(rounds * turnsPerRound + index, new Date());
      await producer.send("events", events.map((event) => ({ ...event, key: "one" })));
    }
  })();
  await until("the view counts all turns", ingestMsMax, async () => {
    const shown = await numberOf(clickHouse, query);
    const nowMs = wallClockMs();
    while (seenMs.length < shown) seenMs.push(nowMs - sentMs[seenMs.length]);
    return seenMs.length >= count;
  });
  await sending;
  return seenMs;
}
