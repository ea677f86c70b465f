/** The ingestion process: brings every event from Kafka into ClickHouse. Several may run; they share the partitions. */
import { collectDefaultMetrics, register } from "prom-client";
import { EngineSampler } from "../events/engine_samples.ts";
import { readinessOf, startHealthServer } from "../events/health_server.ts";
import { connectKafka } from "../events/kafka/kafkajs_log.ts";
import { configureLogging, loggerOf } from "../events/logging.ts";
import { startSampling } from "../events/system_samples.ts";
import { connectClickHouse, pingClickHouse } from "./clickhouse.ts";
import { readConfig } from "./config.ts";
import { startIngestion } from "./ingest/ingestion.ts";
import { messagesBehind } from "./ingest/metrics.ts";

const log = loggerOf("ingest");

async function main(): Promise<void> {
  const config = readConfig();
  configureLogging({ level: config.TURNLOG_LOG_LEVEL, format: config.TURNLOG_LOG_FORMAT });
  collectDefaultMetrics({ prefix: "turnlog_ingest_" });
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, stopped.resolve);
  }

  const kafka = connectKafka({
    brokers: config.KAFKA_BROKERS,
    topicPrefix: config.TURNLOG_TOPIC_PREFIX,
    clientId: "turnlog-ingest",
  });
  const clickHouse = connectClickHouse(config.CLICKHOUSE_URL);
  const health = config.TURNLOG_HEALTH_PORT === undefined ? undefined : startHealthServer({
    host: config.TURNLOG_HEALTH_HOST,
    port: config.TURNLOG_HEALTH_PORT,
    metrics: () => register.metrics(),
    checkReadiness: async () => ({
      kafka: await readinessOf(() => kafka.ping()),
      clickhouse: await readinessOf(() => pingClickHouse(clickHouse)),
    }),
  });
  const ingestion = await startIngestion({
    kafka,
    clickHouse,
    groupId: `${config.TURNLOG_TOPIC_PREFIX}turnlog.ingest`,
  });
  const engines = config.TURNLOG_PROCESSES_FILE === undefined
    ? undefined
    : new EngineSampler(config.TURNLOG_PROCESSES_FILE);
  const sampling = startSampling({
    component: "ingest",
    source: "turnlog/ingest",
    intervalSeconds: config.TURNLOG_SAMPLE_SECONDS,
    producer: await kafka.producer(),
    measure: () => Promise.resolve({ eventsNotIngested: messagesBehind() }),
    engines: () => engines?.take() ?? [],
  });
  log.info("Ready to ingest events", { topic: kafka.topics.events });

  await stopped.promise;
  sampling.stop();
  await ingestion.stop();
  await kafka.close();
  await clickHouse.close();
  await health?.shutdown();
}

if (import.meta.main) {
  await main();
  Deno.exit(0);
}
