/** The worker process: answers turns, and publishes the events that the store has. */
import { Client } from "@temporalio/client";
import { NativeConnection, Worker } from "@temporalio/worker";
import { collectDefaultMetrics, register } from "prom-client";
import { taskQueue } from "../events/contract/names.ts";
import { readinessOf, startHealthServer } from "../events/health_server.ts";
import { connectKafka } from "../events/kafka/kafkajs_log.ts";
import { configureLogging, loggerOf } from "../events/logging.ts";
import { dataConverterOf } from "../events/payload_codec.ts";
import { measureCalls } from "../events/provider_health/measure_calls.ts";
import { countCoolDown, registerHealthMetrics } from "../events/provider_health/metrics.ts";
import { ProviderAdmission } from "../events/provider_health/provider_admission.ts";
import { ProviderHealth } from "../events/provider_health/provider_health.ts";
import { sqlitePath } from "../events/read_settings.ts";
import { startRelay } from "../events/relay.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { startSampling } from "../events/system_samples.ts";
import { installTemporalRuntime } from "../events/temporal_runtime.ts";
import { createActivities } from "./activities.ts";
import { readConfig, resolveKey, type WorkerConfig } from "./config.ts";
import { DeltaPublisher } from "./delta_publisher.ts";
import { createExportActivities } from "./export/export_activities.ts";
import { heartbeatThrottleMs } from "./heartbeat.ts";
import { createModelActivities } from "./model_manager/model_activities.ts";
import { createOperationActivities } from "./operation_activities.ts";
import { PublishedTextReader } from "./published_text.ts";
import { StopRequests } from "./stop_requests.ts";
import { eventSource } from "./turn_events.ts";
import { readWorkflowBundle, stickyTimeoutMs } from "./workflow_bundle.ts";

const log = loggerOf("worker");

/** How long answers may go on after a SIGTERM before another worker takes them over. */
const shutdownGraceMs = 2000;
/** When the worker ends whatever is still running. */
const shutdownForceMs = 5000;

async function main(): Promise<void> {
  const config = readConfig();
  configureLogging({ level: config.TURNLOG_LOG_LEVEL, format: config.TURNLOG_LOG_FORMAT });
  installTemporalRuntime(log);
  collectDefaultMetrics({ prefix: "turnlog_worker_" });

  const store = openSqliteStore(sqlitePath(config));
  const kafka = connectKafka({
    brokers: config.KAFKA_BROKERS,
    topicPrefix: config.TURNLOG_TOPIC_PREFIX,
    clientId: "turnlog-worker",
  });
  const health = new ProviderHealth({ store, source: eventSource, onCoolDown: countCoolDown });
  const admission = new ProviderAdmission(health);
  registerHealthMetrics(health, admission);
  const [publisher, stopRequests, connection] = await Promise.all([
    DeltaPublisher.connect(kafka),
    StopRequests.follow(kafka),
    NativeConnection.connect({ address: config.TEMPORAL_ADDRESS }),
    health.follow(kafka),
  ]);
  const relay = startRelay({ store, kafka });
  const sampling = startSampling({
    component: "worker",
    source: eventSource,
    intervalSeconds: config.TURNLOG_SAMPLE_SECONDS,
    producer: await kafka.producer(),
    measure: () => measureCalls(admission, store),
  });
  const worker = await createWorker(config, connection, {
    store,
    publisher,
    stopRequests,
    health,
    admission,
    publishedText: new PublishedTextReader(kafka),
    resolveKey,
  });
  const server = config.TURNLOG_HEALTH_PORT === undefined ? undefined : startHealthServer({
    host: config.TURNLOG_HEALTH_HOST,
    port: config.TURNLOG_HEALTH_PORT,
    metrics: () => register.metrics(),
    checkReadiness: async () => ({
      worker: worker.getState() === "RUNNING" ? "ok" : worker.getState().toLowerCase(),
      kafka: await readinessOf(() => kafka.ping()),
      store: await readinessOf(() => store.eventsAfter(0, 1)),
    }),
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => {
      if (worker.getState() === "RUNNING") worker.shutdown();
    });
  }
  log.info("Ready to answer turns", { turns: config.TURNLOG_WORKER_TURNS });
  try {
    await worker.run();
  } finally {
    sampling.stop();
    await relay.stop();
    await stopRequests.close();
    await health.close();
    await kafka.close();
    await connection.close();
    await store.close();
    await server?.shutdown();
  }
}

async function createWorker(
  config: WorkerConfig,
  connection: NativeConnection,
  dependencies: Parameters<typeof createActivities>[0],
): Promise<Worker> {
  const namespace = config.TEMPORAL_NAMESPACE;
  const dataConverter = dataConverterOf(config.TURNLOG_PAYLOAD_KEYS);
  const client = new Client({ connection, namespace, dataConverter });
  return await Worker.create({
    connection,
    namespace,
    dataConverter,
    taskQueue,
    workflowBundle: await readWorkflowBundle(config.TURNLOG_WORKFLOW_BUNDLE, dataConverter),
    activities: {
      ...createActivities(dependencies),
      ...createModelActivities({ ...dependencies, client }),
      ...createOperationActivities({ store: dependencies.store, client }),
      ...createExportActivities({ store: dependencies.store, dataFolder: config.TURNLOG_DATA }),
    },
    maxConcurrentActivityTaskExecutions: config.TURNLOG_WORKER_TURNS,
    stickyQueueScheduleToStartTimeout: stickyTimeoutMs,
    maxHeartbeatThrottleInterval: heartbeatThrottleMs,
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownForceMs,
  });
}

if (import.meta.main) {
  await main();
  Deno.exit(0);
}
