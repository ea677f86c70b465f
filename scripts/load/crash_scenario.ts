/**
 * Turns under way while the processes and engines are killed, and the count of what became of them: every answer exact,
 * nothing that was shown taken back, every event once. `deno task chaos` and the tests run it.
 */
import { connectClickHouse, rowsOf } from "../../analytics/clickhouse.ts";
import { connectKafka } from "../../events/kafka/kafkajs_log.ts";
import { sleep } from "../../events/sleep.ts";
import { openSqliteStore } from "../../events/store/sqlite_store.ts";
import { simulateAnswer } from "../../workflows/providers/simulated_answer.ts";
import type { ProcessName, Stack } from "../stack.ts";
import { askUntilAccepted, readAnswer } from "./read_answer.ts";
import { TurnClient } from "./turn_client.ts";
import { until } from "./until.ts";

export interface CrashScenario {
  stack: Stack;
  turns: number;
  /** Between two turns' beginnings. */
  everyMs: number;
  /** A simulated model, and how many tokens it writes. */
  model: string;
  tokens: number;
  /** What is killed with SIGKILL, and when after the first turn. */
  kills: { name: ProcessName; atMs: number }[];
  /** Told of what happens. */
  log(line: string): void;
}

/** How many events each engine has. */
export interface EventCounts {
  storedEvents: number;
  publishedEvents: number;
  ingestedEvents: number;
}

/** What was counted; all is well where `problems` is empty. */
export interface CrashReport extends EventCounts {
  turns: number;
  exactAnswers: number;
  /** Attempts that were interrupted by a kill, and gone on with. */
  interruptedAttempts: number;
  durationMs: number;
  problems: string[];
}

/** How long a turn may take in all, with every kill on its way. */
const turnMsMax = 120_000;
const ingestMsMax = 60_000;

export async function runCrashScenario(scenario: CrashScenario): Promise<CrashReport> {
  const { stack, turns, everyMs, kills, log } = scenario;
  const startMs = performance.now();
  const problems: string[] = [];
  const client = await TurnClient.connect(stack.url);
  const killing = kills.map(async ({ name, atMs }) => {
    await sleep(atMs);
    log(`kill -9 ${name}`);
    await stack.kill(name);
    await stack.untilReady(name);
    log(`${name} is back`);
  });
  const answering = Array.from({ length: turns }, async (_, index) => {
    await sleep(index * everyMs);
    return await followTurn(client, scenario, index, problems);
  });
  const ended = await Promise.all(answering);
  await Promise.all(killing);
  log(`${turns} turns have ended; counting their events`);
  const events = await countEvents(stack, problems);
  return {
    turns,
    exactAnswers: ended.filter(({ isExact }) => isExact).length,
    interruptedAttempts: ended.reduce((sum, { interrupted }) => sum + interrupted, 0),
    ...events,
    durationMs: performance.now() - startMs,
    problems,
  };
}

/** Sends one message and reads its answer as a browser does, which tries again until it is answered. */
async function followTurn(
  client: TurnClient,
  { model, tokens }: CrashScenario,
  index: number,
  problems: string[],
): Promise<{ isExact: boolean; interrupted: number }> {
  const text = `Message ${index}`;
  const turnId = await askUntilAccepted(client, { text, model }, turnMsMax);
  const read = await readAnswer(client, turnId, turnMsMax);
  problems.push(...read.problems.map((problem) => `${text}: ${problem}`));
  const turn = await until(`${text} can be read`, turnMsMax, () => client.turn(turnId));
  const expected = simulateAnswer(text, tokens).join("");
  const isExact = turn.status === "completed" && turn.text === expected && read.text === expected;
  if (!isExact) {
    problems.push(
      `${text} is ${turn.status}; stored ${turn.text === expected}, shown ${
        read.text === expected
      }`,
    );
  }
  const interrupted = turn.attempts.filter(({ error }) => error?.class === "interrupted");
  return { isExact, interrupted: interrupted.length };
}

/** Compares the store, the topic and ClickHouse, event by event. */
export async function countEvents(stack: Stack, problems: string[]): Promise<EventCounts> {
  const stored = await readStore(`${stack.settings.TURNLOG_DATA}/turnlog.db`);
  const clickhouse = connectClickHouse(stack.variables.CLICKHOUSE_URL);
  const query = "SELECT toString(event_id) AS id FROM events FINAL";
  const ingested = await until("ClickHouse has every event", ingestMsMax, async () => {
    const rows = await rowsOf<{ id: string }>(clickhouse, query);
    return rows.length >= stored.size && rows.map(({ id }) => id);
  }).finally(() => clickhouse.close());
  const published = await readTopic(stack, stored);
  const unique = new Set(ingested);
  if (unique.size !== ingested.length) {
    problems.push(`${ingested.length - unique.size} events stand in ClickHouse twice`);
  }
  for (const id of stored.keys()) {
    if (!unique.has(id)) problems.push(`Event ${id} is not in ClickHouse`);
    if (!published.has(id)) problems.push(`Event ${id} is not in Kafka`);
    else if (published.get(id) !== stored.get(id)) problems.push(`Event ${id} was changed`);
  }
  if (unique.size !== stored.size) {
    problems.push(`${stored.size} events were stored, ${unique.size} are in ClickHouse`);
  }
  return {
    storedEvents: stored.size,
    publishedEvents: published.size,
    ingestedEvents: unique.size,
  };
}

/** @returns Event id → the bytes that were stored. */
async function readStore(path: string): Promise<Map<string, string>> {
  const store = openSqliteStore(path);
  const events = await store.eventsAfter(0, Number.MAX_SAFE_INTEGER);
  await store.close();
  return new Map(events.map(({ body }) => [JSON.parse(body).id, body]));
}

/** @returns Event id → the bytes that were published, as often as they were. */
async function readTopic(stack: Stack, stored: Map<string, string>): Promise<Map<string, string>> {
  const kafka = connectKafka({
    brokers: [stack.addresses.kafka],
    topicPrefix: "",
    clientId: "turnlog-count",
  });
  const published = new Map<string, string>();
  const decoder = new TextDecoder();
  const follower = await kafka.follow({
    topic: "events",
    fromMs: 0,
    onMessage: ({ value }) => {
      const body = decoder.decode(value!);
      published.set(JSON.parse(body).id, body);
    },
  });
  await until(
    "Kafka has every event",
    ingestMsMax,
    () => Promise.resolve(published.size >= stored.size),
  );
  await follower.stop();
  await kafka.close();
  return published;
}
