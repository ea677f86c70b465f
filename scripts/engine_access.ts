/** Where a command for operators finds the engines of a Turnlog: those whose addresses are set, else those that a start runs. */
import {
  type ClickHouseClient,
  connectClickHouse,
  pingClickHouse,
} from "../analytics/clickhouse.ts";
import { SettingsError, sqlitePath } from "../events/read_settings.ts";
import { readSetupSettings, readStackSettings } from "./config.ts";
import { allEngines, engineAddresses, withoutAddress } from "./engine_addresses.ts";

export interface EngineAccess {
  /** With the user who may write. */
  clickHouseUrl: string;
  brokers: string[];
  topicPrefix: string;
  /** The store's file. */
  storePath: string;
}

/** @throws SettingsError that names each variable that cannot be used. */
export function engineAccess(environment: Record<string, string>): EngineAccess {
  const settings = readStackSettings(environment);
  const embedded = withoutAddress([...allEngines], settings);
  const { kafka, clickhouseForWriting } = engineAddresses(embedded, settings);
  return {
    clickHouseUrl: clickhouseForWriting,
    brokers: kafka.split(","),
    topicPrefix: readSetupSettings(environment).TURNLOG_TOPIC_PREFIX,
    storePath: sqlitePath(settings),
  };
}

/** @throws SettingsError where ClickHouse does not answer, with what it or the network says. */
export async function reachClickHouse({ clickHouseUrl }: EngineAccess): Promise<ClickHouseClient> {
  const clickHouse = connectClickHouse(clickHouseUrl);
  try {
    await pingClickHouse(clickHouse);
    return clickHouse;
  } catch (error) {
    await clickHouse.close();
    const { origin } = new URL(clickHouseUrl);
    throw new SettingsError(
      `Cannot use ClickHouse at ${origin}: ${(error as Error).message}. ` +
        "Start Turnlog, or set CLICKHOUSE_URL with the user who may write",
    );
  }
}
