/** The api process: everything that comes over HTTP. */
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import { collectDefaultMetrics } from "prom-client";
import { readinessOf } from "../events/health_server.ts";
import { connectKafka } from "../events/kafka/kafkajs_log.ts";
import { configureLogging, loggerOf } from "../events/logging.ts";
import { createPayloadCodec, dataConverterOf } from "../events/payload_codec.ts";
import { measureCalls } from "../events/provider_health/measure_calls.ts";
import { countCoolDown, registerHealthMetrics } from "../events/provider_health/metrics.ts";
import { ProviderAdmission } from "../events/provider_health/provider_admission.ts";
import { ProviderHealth } from "../events/provider_health/provider_health.ts";
import { SettingsError, sqlitePath } from "../events/read_settings.ts";
import { startRelay } from "../events/relay.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { startSampling } from "../events/system_samples.ts";
import { installTemporalRuntime } from "../events/temporal_runtime.ts";
import { startFirstCallWorker } from "../workflows/first_call_worker.ts";
import { AnalyticsReader } from "./analytics_reader.ts";
import { createApp } from "./app.ts";
import { Backtests } from "./backtests.ts";
import { Catalogue } from "./catalogue.ts";
import { readConfig, readVariable, resolveKey, supervisorOf } from "./config.ts";
import { ConfigError } from "./config_file.ts";
import { Experiments } from "./experiments/experiments.ts";
import { Exports } from "./exports.ts";
import { LiveHub } from "./live_hub.ts";
import { ModelOperations } from "./model_operations.ts";
import { Operations } from "./operations.ts";
import { readOrMakeSecret } from "./secret.ts";
import { ServerProcesses } from "./server_processes.ts";
import { SleepPolicyKeeper } from "./sleep_policy_keeper.ts";
import { AnalystQueries } from "./sql/analyst_queries.ts";
import { temporalLinks } from "./temporal_links.ts";
import { TurnRequests } from "./turn_requests.ts";

const log = loggerOf("api");

/** How long streams and requests may go on after a SIGTERM; readers come back to another process. */
const shutdownMs = 1500;

async function main(): Promise<void> {
  const config = readConfig();
  configureLogging({ level: config.TURNLOG_LOG_LEVEL, format: config.TURNLOG_LOG_FORMAT });
  installTemporalRuntime(log);
  collectDefaultMetrics({ prefix: "turnlog_api_" });

  const store = openSqliteStore(sqlitePath(config));
  const health = new ProviderHealth({ store, source: "turnlog/api", onCoolDown: countCoolDown });
  const admission = new ProviderAdmission(health);
  registerHealthMetrics(health, admission);
  const processes = new ServerProcesses(supervisorOf(config));
  const catalogue = await Catalogue.open(config.TURNLOG_CONFIG, readVariable, health, processes);
  const kafka = connectKafka({
    brokers: config.KAFKA_BROKERS,
    topicPrefix: config.TURNLOG_TOPIC_PREFIX,
    clientId: "turnlog-api",
  });
  const analytics = new AnalyticsReader(config.CLICKHOUSE_URL);
  const [hub, producer, connection] = await Promise.all([
    LiveHub.follow(kafka),
    kafka.producer(),
    NativeConnection.connect({ address: config.TEMPORAL_ADDRESS }),
    health.follow(kafka),
  ]);
  const namespace = config.TEMPORAL_NAMESPACE;
  const dataConverter = dataConverterOf(config.TURNLOG_PAYLOAD_KEYS);
  const client = new Client({ connection, namespace, dataConverter });
  const firstCalls = config.TURNLOG_API_TURNS === 0 ? undefined : await startFirstCallWorker({
    connection,
    namespace,
    dataConverter,
    workflowBundle: config.TURNLOG_WORKFLOW_BUNDLE,
    store,
    kafka,
    callsMax: config.TURNLOG_API_TURNS,
    health,
    admission,
    resolveKey,
    onPublished: (parts) => hub.hear(parts),
  });
  const firstCaller = firstCalls?.firstCaller;
  const relay = startRelay({ store, kafka });
  const experiments = new Experiments({ store, catalogue });
  await experiments.takeUpFile();
  catalogue.onChange(() =>
    experiments.takeUpFile().catch((error) => {
      log.error("Could not take up the experiments of the changed file; save it again", { error });
    })
  );
  const turns = new TurnRequests({
    client,
    store,
    catalogue,
    experiments,
    producer,
    health,
    firstCaller,
  });
  const links = temporalLinks(config.TEMPORAL_UI_URL, config.TEMPORAL_NAMESPACE);
  const app = await createApp({
    host: config.TURNLOG_HOST,
    secret: config.TURNLOG_SECRET ?? await readOrMakeSecret(config.TURNLOG_DATA),
    apiKeys: config.TURNLOG_API_KEYS,
    operatorToken: config.TURNLOG_OPERATOR_TOKEN,
    store,
    hub,
    catalogue,
    analytics,
    analyst: new AnalystQueries(config.CLICKHOUSE_URL),
    models: new ModelOperations(client, catalogue, processes),
    backtests: new Backtests({ client, catalogue }),
    experiments,
    exports: new Exports({ client, dataFolder: config.TURNLOG_DATA }),
    turns,
    payloadCodec: createPayloadCodec(config.TURNLOG_PAYLOAD_KEYS),
    temporalUiUrl: config.TEMPORAL_UI_URL,
    operations: new Operations({ client, store, turns, links }),
    checkReadiness: async () => ({
      needed: {
        temporal: await readinessOf(() => connection.ensureConnected()),
        kafka: await readinessOf(() => kafka.ping()),
        store: await readinessOf(() => store.eventsAfter(0, 1)),
      },
      optional: { clickhouse: await readinessOf(() => analytics.ping()) },
    }),
  });
  const sampling = startSampling({
    component: "api",
    source: "turnlog/api",
    intervalSeconds: config.TURNLOG_SAMPLE_SECONDS,
    producer,
    measure: () => measureCalls(admission, store),
    servers: () => catalogue.vllmServers(),
  });
  const sleepPolicies = new SleepPolicyKeeper(client, catalogue);
  const server = Deno.serve({
    hostname: config.TURNLOG_HOST,
    port: config.TURNLOG_PORT,
    handler: app.fetch,
    onListen: ({ hostname, port }) => log.info(`Ready at http://${hostname}:${port}`),
  });

  await new Promise<void>((resolve) => {
    Deno.addSignalListener("SIGTERM", resolve);
    Deno.addSignalListener("SIGINT", resolve);
  });
  sampling.stop();
  sleepPolicies.close();
  catalogue.close();
  await Promise.all([
    Promise.race([
      server.shutdown(),
      new Promise((resolve) => setTimeout(resolve, shutdownMs)),
    ]),
    firstCalls?.stop(),
  ]);
  await relay.stop();
  await hub.close();
  await health.close();
  await kafka.close();
  await connection.close();
  await analytics.close();
  await store.close();
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof ConfigError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
  Deno.exit(0);
}
