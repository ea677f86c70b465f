/** The settings of the ingestion process: the only file here that reads the environment. */
import { z } from "zod";
import { commonSettings, port, readSettings } from "../events/read_settings.ts";

export const ingestSchema = z.object(commonSettings).pick({
  KAFKA_BROKERS: true,
  TURNLOG_TOPIC_PREFIX: true,
  TURNLOG_SAMPLE_SECONDS: true,
  // With a user who may insert: `http://turnlog:password@127.0.0.1:8123`.
  CLICKHOUSE_URL: true,
  TURNLOG_LOG_LEVEL: true,
  TURNLOG_LOG_FORMAT: true,
}).extend({
  /** Serves /healthz, /readyz and /metrics there; nothing is served where it is unset. */
  TURNLOG_HEALTH_HOST: z.string().default("127.0.0.1"),
  TURNLOG_HEALTH_PORT: port.optional(),
  /** A list of processes, among which are engines to sample; a start sets it. */
  TURNLOG_PROCESSES_FILE: z.string().optional(),
});

export type IngestConfig = z.output<typeof ingestSchema>;

/** @throws SettingsError that names what is wrong. */
export function readConfig(): IngestConfig {
  return readSettings(ingestSchema, Deno.env.toObject());
}
