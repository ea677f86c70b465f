/** The engines of a stack: which ones it starts itself, and on which ports. */
import { appAddress } from "./app_address.ts";
import type { Role, StackSettings } from "./config.ts";
import { allEngines, clickhouseFolder, type EngineName } from "./engine_addresses.ts";
import { type EmbeddedEngine, embeddedEngine, type StackContext } from "./embedded_engine.ts";
import { clickhouseEngine, clickhouseServer } from "./engines/clickhouse.ts";
import { kafkaBroker, kafkaEngine, prepareKafka } from "./engines/kafka.ts";
import { temporalEngine, temporalServer } from "./engines/temporal.ts";
import { freePorts, type WantedPort } from "./ports.ts";
import { writingPassword } from "./writing_password.ts";

const enginesOfRole: Record<Role, readonly EngineName[]> = {
  api: allEngines,
  worker: ["temporal", "kafka"],
  ingest: ["kafka", "clickhouse"],
};

/** @returns The engines that these roles need. */
export function neededEngines(roles: Role[]): EngineName[] {
  return allEngines.filter((engine) => roles.some((role) => enginesOfRole[role].includes(engine)));
}

/** @param embedded The engines that are started here. */
export function enginePorts(embedded: EngineName[], settings: StackSettings): WantedPort[] {
  const host = "127.0.0.1";
  const wanted: Record<EngineName, WantedPort[]> = {
    temporal: [{
      host,
      port: settings.TURNLOG_TEMPORAL_PORT,
      purpose: "Temporal",
      variable: "TURNLOG_TEMPORAL_PORT",
      addressVariable: "TEMPORAL_ADDRESS",
    }, {
      host,
      port: settings.TURNLOG_TEMPORAL_UI_PORT,
      purpose: "Temporal's web UI",
      variable: "TURNLOG_TEMPORAL_UI_PORT",
    }],
    kafka: [{
      host,
      port: settings.TURNLOG_KAFKA_PORT,
      purpose: "Kafka",
      variable: "TURNLOG_KAFKA_PORT",
      addressVariable: "KAFKA_BROKERS",
    }],
    clickhouse: [{
      host,
      port: settings.TURNLOG_CLICKHOUSE_PORT,
      purpose: "ClickHouse",
      variable: "TURNLOG_CLICKHOUSE_PORT",
      addressVariable: "CLICKHOUSE_URL",
    }],
  };
  return embedded.flatMap((engine) => wanted[engine]);
}

/**
 * @param runFolder Where their settings are written.
 * @param environment That of whoever starts.
 */
export function embeddedEngines(
  embedded: EngineName[],
  { settings, runFolder, environment }: {
    settings: StackSettings;
    runFolder: string;
    environment: Record<string, string>;
  },
  context: StackContext,
): EmbeddedEngine[] {
  const sources = { releases: settings.TURNLOG_RELEASES, environment };
  const make: Record<EngineName, () => EmbeddedEngine> = {
    temporal: () =>
      embeddedEngine({
        engine: temporalEngine(sources),
        prepare: (executable) =>
          Promise.resolve(temporalServer({
            executable,
            dataFolder: `${settings.TURNLOG_DATA}/temporal`,
            port: settings.TURNLOG_TEMPORAL_PORT,
            uiPort: settings.TURNLOG_TEMPORAL_UI_PORT,
            codecEndpoint: settings.TURNLOG_PAYLOAD_KEYS.length > 0
              ? `${appAddress(settings)}/api/codec`
              : undefined,
            environment,
          })),
      }, context),
    kafka: () =>
      embeddedEngine({
        engine: kafkaEngine(sources),
        prepare: async (place) => {
          const options = {
            place,
            dataFolder: `${settings.TURNLOG_DATA}/kafka`,
            runFolder,
            port: settings.TURNLOG_KAFKA_PORT,
            controllerPort: freePorts(1)[0],
            environment,
          };
          await prepareKafka(options, context.signal);
          return kafkaBroker(options);
        },
      }, context),
    clickhouse: () =>
      embeddedEngine({
        engine: clickhouseEngine(sources, clickhouseFolder(settings)),
        prepare: (place) =>
          Promise.resolve(clickhouseServer({
            place,
            dataFolder: clickhouseFolder(settings),
            runFolder,
            port: settings.TURNLOG_CLICKHOUSE_PORT,
            password: writingPassword(clickhouseFolder(settings)),
            environment,
          })),
      }, context),
  };
  return embedded.map((engine) => make[engine]());
}
