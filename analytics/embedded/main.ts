/** The embedded ClickHouse server: the real engine in this process, behind ClickHouse's HTTP interface. */
import { configureLogging, loggerOf } from "../../events/logging.ts";
import { SettingsError } from "../../events/read_settings.ts";
import { readConfig } from "./config.ts";
import { Engine } from "./engine.ts";
import { startClickHouseServer } from "./http_server.ts";

const log = loggerOf("clickhouse");

try {
  const config = readConfig();
  configureLogging({ level: config.TURNLOG_LOG_LEVEL, format: config.TURNLOG_LOG_FORMAT });
  const stopped = stopSignal();
  const engine = await Engine.open({
    chdb: config.TURNLOG_CHDB,
    dataFolder: config.TURNLOG_CLICKHOUSE_DATA,
  });
  const server = await startClickHouseServer({
    engine,
    host: config.TURNLOG_CLICKHOUSE_HOST,
    port: config.TURNLOG_CLICKHOUSE_PORT,
    password: config.TURNLOG_CLICKHOUSE_PASSWORD,
    allowedHosts: config.TURNLOG_CLICKHOUSE_ALLOWED_HOSTS,
  });
  log.info(`Serving ClickHouse on http://${config.TURNLOG_CLICKHOUSE_HOST}:${server.port}`);
  await stopped;
  await server.stop();
  await engine.close();
  // The engine's threads are still there, and crash in the teardown of a process that ends by itself.
  Deno.exit(0);
} catch (error) {
  console.error(error instanceof SettingsError ? error.message : error);
  Deno.exit(1);
}

function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  Deno.addSignalListener("SIGTERM", resolve);
  Deno.addSignalListener("SIGINT", resolve);
  return promise;
}
