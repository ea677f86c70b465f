/**
 * `deno task setup`: makes the engines ready for Turnlog: topics, the store's tables, Temporal's search attributes,
 * ClickHouse's tables and views. Safe to run again, and while another one runs; waits for engines that are starting.
 */
import { dirname } from "node:path";
import { migrate } from "../analytics/migrate.ts";
import { setUpReader } from "../analytics/reader_user.ts";
import { connectKafka } from "../events/kafka/kafkajs_log.ts";
import { configureLogging, loggerOf } from "../events/logging.ts";
import { sqlitePath } from "../events/read_settings.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { readEnvironment, readSetupSettings, type SetupSettings } from "./config.ts";
import { untilAnswers } from "./until_answers.ts";
import { setUpTemporal } from "./setup_temporal.ts";
import { parseFlags, requireKnown, runTask } from "./task.ts";

const log = loggerOf("setup");

const parts: Record<string, (settings: SetupSettings) => Promise<void>> = {
  store: setUpStore,
  kafka: setUpKafka,
  temporal: (settings) =>
    setUpTemporal({
      address: settings.TEMPORAL_ADDRESS,
      namespace: settings.TEMPORAL_NAMESPACE,
      retentionDays: settings.TURNLOG_TEMPORAL_RETENTION_DAYS,
    }),
  clickhouse: setUpClickHouse,
};

async function setUpStore(settings: SetupSettings): Promise<void> {
  const path = sqlitePath(settings);
  Deno.mkdirSync(dirname(path), { recursive: true });
  // To open it is to bring its tables up to date.
  await openSqliteStore(path).close();
}

async function setUpKafka(settings: SetupSettings): Promise<void> {
  const brokers = settings.KAFKA_BROKERS;
  await untilAnswers(
    { title: "Kafka", address: brokers.join(), variable: "KAFKA_BROKERS" },
    () => Promise.any(brokers.map(connectOnce)),
  );
  const kafka = connectKafka({
    brokers,
    topicPrefix: settings.TURNLOG_TOPIC_PREFIX,
    clientId: "turnlog-setup",
  });
  await kafka.ensureTopics();
  await kafka.close();
}

async function setUpClickHouse(settings: SetupSettings): Promise<void> {
  const { origin } = new URL(settings.CLICKHOUSE_URL);
  await untilAnswers(
    { title: "ClickHouse", address: origin, variable: "CLICKHOUSE_URL" },
    async () => {
      const response = await fetch(`${origin}/ping`, { signal: AbortSignal.timeout(2000) });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answers ${response.status}`);
    },
  );
  const { applied, views } = await migrate({
    url: settings.CLICKHOUSE_URL,
    retention: {
      eventsDays: settings.TURNLOG_EVENTS_RETENTION_DAYS,
      textsDays: settings.TURNLOG_TEXTS_RETENTION_DAYS,
    },
  });
  if (applied.length > 0) log.info("Applied migrations to ClickHouse", { applied, views });
  const readerUrl = settings.CLICKHOUSE_READER_URL;
  if (readerUrl === undefined) return;
  if (await setUpReader({ url: settings.CLICKHOUSE_URL, readerUrl })) {
    log.info("Made the user of ClickHouse who may only read");
  }
}

/** @param broker As `host:port`. @throws Error where it does not accept connections. */
async function connectOnce(broker: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${broker}`);
  (await Deno.connect({ hostname, port: Number(port) })).close();
}

const usage = `usage: deno task setup [PART …]

  PART  ${Object.keys(parts).join(", ")}; all where none is named
  Where the engines are, environment variables say; .env.example lists them.`;

async function main(args: string[]): Promise<void> {
  const { positionals } = parseFlags({ args, allowPositionals: true });
  requireKnown(positionals, Object.keys(parts), "set up");
  const wanted = positionals.length > 0 ? positionals : Object.keys(parts);
  const settings = readSetupSettings(readEnvironment());
  configureLogging({ level: settings.TURNLOG_LOG_LEVEL, format: settings.TURNLOG_LOG_FORMAT });
  await Promise.all(wanted.map((part) =>
    parts[part](settings).catch((error: Error) => {
      throw new SetupError(`Cannot set up ${part}: ${error.message}`, { cause: error });
    })
  ));
}

/** One part could not be set up; the message is for the person who runs it. */
class SetupError extends Error {
  override name = "SetupError";
}

if (import.meta.main) await runTask({ usage, run: main, expected: [SetupError] });
