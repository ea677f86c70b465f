/** The api process: everything that comes over HTTP. */
import { collectDefaultMetrics } from "prom-client";
import { configureLogging, loggerOf } from "../events/logging.ts";
import { createPayloadCodec } from "../events/payload_codec.ts";
import { measureCalls } from "../events/provider_health/measure_calls.ts";
import { countCoolDown, registerHealthMetrics } from "../events/provider_health/metrics.ts";
import { ProviderAdmission } from "../events/provider_health/provider_admission.ts";
import { ProviderHealth } from "../events/provider_health/provider_health.ts";
import { SettingsError, sqlitePath } from "../events/read_settings.ts";
import { startRelay } from "../events/relay.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { startSampling } from "../events/system_samples.ts";
import { installTemporalRuntime } from "../events/temporal_runtime.ts";
import { startFirstCallWorker } from "../workflows/first_call_worker.ts";
import { createApp } from "./app.ts";
import { Backtests } from "./backtests.ts";
import { Catalogue } from "./catalogue.ts";
import { type ApiConfig, readConfig, readVariable, resolveKey, supervisorOf } from "./config.ts";
import { ConfigError } from "./config_file.ts";
import { closeEngines, connectEngines, type Engines, readinessCheck } from "./engines.ts";
import { Experiments } from "./experiments/experiments.ts";
import { Exports } from "./exports.ts";
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
  // Before the engines are waited for: a mistake in it is told at once.
  const catalogue = await Catalogue.open(config.TURNLOG_CONFIG, readVariable, health, processes);
  const engines = await connectEngines(config, { store, health });
  const firstCalls = await startFirstCalls(config, engines, admission);
  const relay = startRelay(engines);
  const experiments = await openExperiments(store, catalogue);
  const { firstCaller } = firstCalls ?? {};
  const turns = new TurnRequests({ ...engines, catalogue, experiments, firstCaller });
  const app = await createApp({
    ...await appSettings(config),
    ...appParts(config, engines, { catalogue, processes, experiments, turns }),
  });
  const sampling = startSampling({
    component: "api",
    source: "turnlog/api",
    intervalSeconds: config.TURNLOG_SAMPLE_SECONDS,
    producer: engines.producer,
    measure: () => measureCalls(admission, store),
    servers: () => catalogue.vllmServers(),
  });
  const sleepPolicies = new SleepPolicyKeeper(engines.client, catalogue);
  const server = Deno.serve({
    hostname: config.TURNLOG_HOST,
    port: config.TURNLOG_PORT,
    handler: app.fetch,
    onListen: ({ hostname, port }) => log.info(`Ready at http://${hostname}:${port}`),
  });

  await untilToldToEnd();
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
  await closeEngines(engines);
}

/** @returns Undefined where workers make all calls. */
async function startFirstCalls(config: ApiConfig, engines: Engines, admission: ProviderAdmission) {
  if (config.TURNLOG_API_TURNS === 0) return undefined;
  const firstCalls = await startFirstCallWorker({
    ...engines,
    admission,
    resolveKey,
    workflowBundle: config.TURNLOG_WORKFLOW_BUNDLE,
    callsMax: config.TURNLOG_API_TURNS,
    onPublished: (parts) => engines.hub.hear(parts),
  });
  engines.hub.onAttempt = (turnId, attempt) => {
    if (attempt > 1) firstCalls.giveUp(turnId);
  };
  return firstCalls;
}

/** Takes up the experiments of the file, now and whenever it has changed. */
async function openExperiments(store: EventStore, catalogue: Catalogue): Promise<Experiments> {
  const experiments = new Experiments({ store, catalogue });
  await experiments.takeUpFile();
  catalogue.onChange(() =>
    experiments.takeUpFile().catch((error) => {
      log.error("Could not take up the experiments of the changed file; save it again", { error });
    })
  );
  return experiments;
}

async function appSettings(config: ApiConfig) {
  return {
    host: config.TURNLOG_HOST,
    secret: config.TURNLOG_SECRET ?? await readOrMakeSecret(config.TURNLOG_DATA),
    apiKeys: config.TURNLOG_API_KEYS,
    operatorToken: config.TURNLOG_OPERATOR_TOKEN,
    temporalUiUrl: config.TEMPORAL_UI_URL,
  };
}

function appParts(config: ApiConfig, engines: Engines, parts: {
  catalogue: Catalogue;
  processes: ServerProcesses;
  experiments: Experiments;
  turns: TurnRequests;
}) {
  const { client, store, hub, analytics } = engines;
  const { catalogue, processes, experiments, turns } = parts;
  const links = temporalLinks(config.TEMPORAL_UI_URL, config.TEMPORAL_NAMESPACE);
  return {
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
    operations: new Operations({ client, store, turns, links }),
    checkReadiness: readinessCheck(engines),
  };
}

function untilToldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, resolve);
  });
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
