/** The settings of the worker: the only file here that reads the environment. */
import { z } from "zod";
import { keyResolver } from "../events/key_reference.ts";
import { commonSettings, port, readSettings } from "../events/read_settings.ts";

export const workerSchema = z.object(commonSettings).pick({
  TURNLOG_DATA: true,
  DATABASE_URL: true,
  TEMPORAL_ADDRESS: true,
  TEMPORAL_NAMESPACE: true,
  TURNLOG_PAYLOAD_KEYS: true,
  KAFKA_BROKERS: true,
  TURNLOG_TOPIC_PREFIX: true,
  TURNLOG_SAMPLE_SECONDS: true,
  TURNLOG_LOG_LEVEL: true,
  TURNLOG_LOG_FORMAT: true,
}).extend({
  /** The bundle that `workflows/bundle.ts` wrote. */
  TURNLOG_WORKFLOW_BUNDLE: z.string("must be a file that workflows/bundle.ts wrote"),
  /** How many answers one worker writes at once. */
  TURNLOG_WORKER_TURNS: z.coerce.number("must be a number").int().min(1).max(10_000).default(1000),
  /** Serves /healthz, /readyz and /metrics there; nothing is served where it is unset. */
  TURNLOG_HEALTH_HOST: z.string().default("127.0.0.1"),
  TURNLOG_HEALTH_PORT: port.optional(),
});

export type WorkerConfig = z.output<typeof workerSchema>;

/** @throws SettingsError that names what is wrong. */
export function readConfig(): WorkerConfig {
  return readSettings(workerSchema, Deno.env.toObject());
}

export const resolveKey = keyResolver((name) => Deno.env.get(name) || undefined);
