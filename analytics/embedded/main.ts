/** The embedded ClickHouse server: the real engine in this process, behind ClickHouse's HTTP interface. */
import { configureLogging, loggerOf } from "../../events/logging.ts";
import { SettingsError } from "../../events/read_settings.ts";
import { readEmbeddedClickHouseSettings } from "./config.ts";
import { Engine } from "./engine.ts";
import { startClickHouseServer } from "./http_server.ts";

const log = loggerOf("clickhouse");

try {
  const settings = readEmbeddedClickHouseSettings(Deno.env.toObject());
  configureLogging({ level: settings.TURNLOG_LOG_LEVEL, format: settings.TURNLOG_LOG_FORMAT });
  const stopped = stopSignal();
  const engine = await Engine.open({
    chdb: settings.TURNLOG_CHDB,
    dataFolder: settings.TURNLOG_CLICKHOUSE_DATA,
  });
  const server = await startClickHouseServer({
    engine,
    host: settings.TURNLOG_CLICKHOUSE_HOST,
    port: settings.TURNLOG_CLICKHOUSE_PORT,
    password: settings.TURNLOG_CLICKHOUSE_PASSWORD,
    allowedHosts: settings.TURNLOG_CLICKHOUSE_ALLOWED_HOSTS,
  });
  log.info(`Serving ClickHouse on http://${settings.TURNLOG_CLICKHOUSE_HOST}:${server.port}`);
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
