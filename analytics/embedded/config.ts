/** The settings of the embedded ClickHouse server: the only file here that reads the environment. */
import { z } from "zod";
import { commonSettings, port, readSettings } from "../../events/read_settings.ts";

const schema = z.object({
  TURNLOG_CLICKHOUSE_HOST: z.string().default("127.0.0.1"),
  TURNLOG_CLICKHOUSE_PORT: port.default(8123),
  /** Where the tables are. */
  TURNLOG_CLICKHOUSE_DATA: z.string().default(`${Deno.cwd()}/.turnlog/clickhouse`),
  /** Of the user `turnlog`, who may do all. */
  TURNLOG_CLICKHOUSE_PASSWORD: z.string("must be a password for the user turnlog").min(1),
  /** Further names under which the server is reached, separated by commas. */
  TURNLOG_CLICKHOUSE_ALLOWED_HOSTS: z.string().default("")
    .transform((list) => list.split(",").map((name) => name.trim()).filter(Boolean)),
  /** The folder in whose `node_modules` chdb is installed. */
  TURNLOG_CHDB: z.string("must be the folder in which the npm package chdb is installed"),
  TURNLOG_LOG_LEVEL: commonSettings.TURNLOG_LOG_LEVEL,
  TURNLOG_LOG_FORMAT: commonSettings.TURNLOG_LOG_FORMAT,
});

export type EmbeddedClickHouseConfig = z.output<typeof schema>;

/** @throws SettingsError that names what is wrong. */
export function readConfig(): EmbeddedClickHouseConfig {
  return readSettings(schema, Deno.env.toObject());
}
