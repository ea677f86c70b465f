/** Where the processes of a stack, and commands for operators, find its engines. */
import type { StackSettings } from "./config.ts";
import { writingPassword } from "./writing_password.ts";

export const allEngines = ["temporal", "kafka", "clickhouse"] as const;
export type EngineName = (typeof allEngines)[number];

/** @returns Those that no address replaces. */
export function withoutAddress(engines: EngineName[], settings: StackSettings): EngineName[] {
  const addresses: Record<EngineName, unknown> = {
    temporal: settings.TEMPORAL_ADDRESS,
    kafka: settings.KAFKA_BROKERS,
    clickhouse: settings.CLICKHOUSE_URL,
  };
  return engines.filter((engine) => addresses[engine] === undefined);
}

/** Where the processes of a stack find its engines. */
export interface EngineAddresses {
  temporal: string;
  /** Undefined where Temporal is not started here. */
  temporalUi: string | undefined;
  kafka: string;
  clickhouse: string;
  /** The same ClickHouse for those who write: with user and password where it is started here. */
  clickhouseForWriting: string;
}

/** @param embedded The engines that are started here. */
export function engineAddresses(embedded: EngineName[], settings: StackSettings): EngineAddresses {
  const isEmbedded = embedded.includes("clickhouse");
  const forWriting = new URL(
    settings.CLICKHOUSE_URL ?? `http://127.0.0.1:${settings.TURNLOG_CLICKHOUSE_PORT}`,
  );
  const clickhouse = new URL(
    isEmbedded ? forWriting : settings.CLICKHOUSE_READER_URL ?? forWriting,
  );
  if (isEmbedded) {
    forWriting.username = "turnlog";
    forWriting.password = writingPassword(clickhouseFolder(settings));
  }
  return {
    temporal: settings.TEMPORAL_ADDRESS ?? `127.0.0.1:${settings.TURNLOG_TEMPORAL_PORT}`,
    temporalUi: embedded.includes("temporal")
      ? `http://127.0.0.1:${settings.TURNLOG_TEMPORAL_UI_PORT}`
      : undefined,
    kafka: settings.KAFKA_BROKERS?.join() ?? `127.0.0.1:${settings.TURNLOG_KAFKA_PORT}`,
    clickhouse: withoutSlash(clickhouse),
    clickhouseForWriting: withoutSlash(forWriting),
  };
}

export function clickhouseFolder({ TURNLOG_DATA }: StackSettings): string {
  return `${TURNLOG_DATA}/clickhouse`;
}

/** People and clients write an address without the slash that URL puts after it. */
function withoutSlash(url: URL): string {
  return url.href.replace(/\/$/, "");
}
