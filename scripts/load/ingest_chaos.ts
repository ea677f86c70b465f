/**
 * A flood of events on its way through Kafka into ClickHouse, some of them broken, while ingestion, the broker and
 * ClickHouse are killed with SIGKILL, and the count of what became of them: every event once in the tables and the views,
 * and as dead letters those that were sent broken. `deno task chaos ingest` and the tests run it.
 */
import { type ClickHouseClient, connectClickHouse, rowsOf } from "../../analytics/clickhouse.ts";
import type { Message } from "../../events/kafka/kafka_log.ts";
import { connectKafka } from "../../events/kafka/kafkajs_log.ts";
import { sleep } from "../../events/sleep.ts";
import type { Stack } from "../stack.ts";
import { eventIds, eventsPerTurn, turnEvents, turnUsage } from "./turn_events.ts";
import { until } from "./until.ts";

export interface IngestChaos {
  /** Kafka, ClickHouse and ingestion. */
  stack: Stack;
  turns: number;
  /** What is killed at once, in this order, each time while events are sent and others are on their way. */
  kills: readonly IngestKill[];
  /** The most that passes between a victim's being back and the next kill, in milliseconds; a random part of it does. */
  pauseMsMax: number;
  /** Makes the same pauses again. */
  random(): number;
  /** Told of what happens. */
  log(line: string): void;
}

type IngestVictim = "ingest" | "kafka" | "clickhouse";
export type IngestKill = readonly IngestVictim[];

/** Each alone, and both engines together: then ingestion can neither read on nor insert what it has read. */
export const ingestKills: readonly IngestKill[] = [
  ["ingest"],
  ["kafka"],
  ["clickhouse"],
  ["kafka", "clickhouse"],
];

/** What was counted; all is well where `problems` is empty. */
export interface IngestChaosReport {
  events: number;
  brokenMessages: number;
  /** Rows that were inserted again after a kill, and not merged away when all was counted. */
  doubledRows: number;
  durationMs: number;
  problems: string[];
}

const turnsPerRequest = 200;
/** One message in so many is broken: the turns' events, and one more. */
const turnsPerBroken = 400;
/** How long ClickHouse may lag behind after the last message, with all that was killed on its way. */
const ingestMsMax = 600_000;
const sendMsMax = 120_000;

export async function runIngestChaos(chaos: IngestChaos): Promise<IngestChaosReport> {
  const { stack, turns, log } = chaos;
  const beganMs = performance.now();
  const fromMs = Date.now() - 3_600_000;
  const broken = await send(chaos, fromMs);
  log(`${turns * eventsPerTurn} events are sent; waiting until they are in ClickHouse`);
  const clickHouse = connectClickHouse(stack.variables.CLICKHOUSE_URL);
  try {
    const problems: string[] = [];
    const doubledRows = await untilIngested(clickHouse, turns, broken);
    log("All is there; counting");
    await checkEvents(clickHouse, turns, problems);
    await checkViews(clickHouse, turns, fromMs, problems);
    await checkDeadLetters(clickHouse, broken, problems);
    return {
      events: turns * eventsPerTurn,
      brokenMessages: broken.length,
      doubledRows,
      durationMs: performance.now() - beganMs,
      problems,
    };
  } finally {
    await clickHouse.close();
  }
}

/** @returns The messages that were sent broken. */
async function send(
  { stack, turns, kills, pauseMsMax, random, log }: IngestChaos,
  fromMs: number,
): Promise<Uint8Array[]> {
  const kafka = connectKafka({
    brokers: [stack.addresses.kafka],
    topicPrefix: "",
    clientId: "turnlog-chaos",
  });
  const producer = await kafka.producer();
  const broken: Uint8Array[] = [];
  const left = [...kills];
  let recovery: Promise<void> = Promise.resolve();
  for (let first = 0; first < turns; first += turnsPerRequest) {
    const due = Math.floor(kills.length * (1 - first / turns));
    if (left.length > due) {
      await recovery;
      await sleep(random() * pauseMsMax);
      recovery = killAndAwait(stack, left.shift()!, log);
    }
    const messages: Message[] = [];
    for (let number = first; number < Math.min(first + turnsPerRequest, turns); number++) {
      messages.push(...turnEvents(number, new Date(fromMs + number)));
      if (number % turnsPerBroken === 0) {
        const value = brokenMessage(number);
        broken.push(value);
        messages.push({ key: `broken ${number}`, value });
      }
    }
    // Longer than the producer tries by itself: what was sent twice is the same event.
    await until("Kafka takes the events", sendMsMax, async () => {
      await producer.send("events", messages);
      return true;
    });
  }
  await recovery;
  await kafka.close();
  return broken;
}

async function killAndAwait(
  stack: Stack,
  victims: IngestKill,
  log: (line: string) => void,
): Promise<void> {
  log(`kill -9 ${victims.join(" and ")}`);
  await Promise.all(victims.map((name) => stack.kill(name)));
  await Promise.all(victims.map((name) => stack.untilReady(name)));
  log(`${victims.join(" and ")} ${victims.length === 1 ? "is" : "are"} back`);
}

/** Each kind of message that cannot become an event: no JSON, no text at all, no event, and two that ClickHouse refuses. */
function brokenMessage(number: number): Uint8Array {
  const attempt = String(turnEvents(number, new Date(0))[3].value).replaceAll("0000", "0001");
  const kinds = [
    `no JSON ${number}`,
    new Uint8Array([0xff, 0xfe, ...new TextEncoder().encode(String(number))]),
    JSON.stringify({ specversion: "1.0", number }),
    attempt.replace('"costUsd":0.0004', '"costUsd":1e30'),
    attempt.replace('"lastSequence":80', `"a.b":${number},"a":{"b":2}`),
  ];
  const kind = kinds[(number / turnsPerBroken) % kinds.length];
  return typeof kind === "string" ? new TextEncoder().encode(kind) : kind;
}

/** @returns How many rows are there more than once. */
async function untilIngested(
  clickHouse: ClickHouseClient,
  turns: number,
  broken: Uint8Array[],
): Promise<number> {
  await until("ClickHouse has every event and every dead letter", ingestMsMax, async () => {
    const [{ events, letters }] = await rowsOf<{ events: string; letters: string }>(
      clickHouse,
      `SELECT (SELECT count() FROM events FINAL) AS events,
         (SELECT count() FROM dead_letters FINAL) AS letters`,
    );
    return Number(events) >= turns * eventsPerTurn && Number(letters) >= broken.length;
  });
  const [{ doubled }] = await rowsOf<{ doubled: string }>(
    clickHouse,
    "SELECT count() - uniqExact(event_id) AS doubled FROM events",
  );
  return Number(doubled);
}

async function checkEvents(
  clickHouse: ClickHouseClient,
  turns: number,
  problems: string[],
): Promise<void> {
  const missing = new Set(Array.from({ length: turns }, (_, number) => eventIds(number)).flat());
  const result = await clickHouse.query({
    query: "SELECT event_id FROM events FINAL",
    format: "JSONCompactEachRow",
  });
  for await (const rows of result.stream<[string]>()) {
    for (const row of rows) {
      const [id] = row.json();
      if (!missing.delete(id)) problems.push(`Event ${id} is there twice, or was never sent`);
    }
  }
  for (const id of missing) problems.push(`Event ${id} is not in ClickHouse`);
  const [texts] = await rowsOf<{ n: string; ids: string }>(
    clickHouse,
    "SELECT count() AS n, uniqExact(event_id) AS ids FROM event_texts FINAL",
  );
  // The message and the answer.
  if (Number(texts.n) !== 2 * turns || Number(texts.ids) !== 2 * turns) {
    problems.push(`${texts.n} texts of ${texts.ids} events, not ${2 * turns} of as many`);
  }
}

async function checkViews(
  clickHouse: ClickHouseClient,
  turns: number,
  fromMs: number,
  problems: string[],
): Promise<void> {
  const range = `from = fromUnixTimestamp64Milli(${fromMs - 1000}),
    to = fromUnixTimestamp64Milli(${
    fromMs + turns + 10_000
  }), model = '', experiment = '', variant = ''`;
  const [counted] = await rowsOf<Record<string, string | number>>(
    clickHouse,
    `SELECT
       (SELECT sum(turns) FROM turns_over_time(${range}, bucket = 3600)) AS sent,
       (SELECT sum(completed) FROM outcomes(${range}, bucket = 3600)) AS completed,
       (SELECT sum(attempts) FROM tokens_and_cost_by_model(${range})) AS attempts,
       (SELECT sum(output_tokens) FROM tokens_and_cost_by_model(${range})) AS output_tokens`,
  );
  const expected = {
    sent: turns,
    completed: turns,
    attempts: turns,
    output_tokens: turns * turnUsage.outputTokens,
  };
  for (const [what, count] of Object.entries(expected)) {
    if (Number(counted[what]) !== count) {
      problems.push(`The views count ${counted[what]} ${what}, not ${count}`);
    }
  }
}

async function checkDeadLetters(
  clickHouse: ClickHouseClient,
  broken: Uint8Array[],
  problems: string[],
): Promise<void> {
  const letters = await rowsOf<{ value: string }>(
    clickHouse,
    "SELECT lower(hex(if(value_encoding = 'base64', base64Decode(value), value))) AS value FROM dead_letters FINAL",
  );
  const missing = new Set(broken.map((value) => new Uint8Array(value).toHex()));
  for (const { value } of letters) {
    if (!missing.delete(value)) {
      problems.push(`${value} is a dead letter twice, or was no broken message`);
    }
  }
  for (const value of missing) problems.push(`${value} was sent broken, and is no dead letter`);
}
