/** Reads the settings of a process from its environment. Only each process's `config.ts` calls this. */
import { z } from "zod";
import type { PayloadKey } from "./payload_codec.ts";

/**
 * Checks the environment against a schema whose keys are the variables' names. An empty variable counts as unset.
 *
 * @throws SettingsError that names each variable, what it holds and what it may hold.
 */
export function readSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Record<string, string>,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, environment[name] || undefined]),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${name}: ${issue.message} (${foundIn(name, given[name])})`;
  });
  throw settingsError(lines);
}

/** Secrets are not repeated: the message goes to logs and screens. */
function foundIn(name: string, value: string | undefined): string {
  if (value === undefined) return "it is not set";
  if (/(SECRET|TOKEN|KEYS?|PASSWORD)$/.test(name)) return `found ${value.length} characters`;
  return `found ${JSON.stringify(value)}`;
}

/** The environment cannot be used as it is; the message is for the person who set it. */
export class SettingsError extends Error {
  override name = "SettingsError";
  readonly problems: readonly string[];

  /** @param problems A line for each setting that cannot be used, where that is what is wrong. */
  constructor(message: string, problems: readonly string[] = []) {
    super(message);
    this.problems = problems;
  }
}

/** @param problems A line for each setting that cannot be used. */
export function settingsError(problems: readonly string[]): SettingsError {
  return new SettingsError(
    `Cannot start with these settings:\n  ${problems.join("\n  ")}`,
    problems,
  );
}

/** A TCP port. */
export const port = z.coerce.number("must be a port from 1 to 65535")
  .int("must be a whole number")
  .min(1, "must be a port from 1 to 65535")
  .max(65535, "must be a port from 1 to 65535");

/** Settings that several processes have in common. A process takes those that it uses. */
export const commonSettings = {
  /** Where everything that must survive is kept. */
  TURNLOG_DATA: z.string().default(".turnlog"),
  /** `sqlite:` with a file's path; a `sqlite:` file in the data folder where it is unset. */
  DATABASE_URL: z.string()
    .regex(/^sqlite:./, "must be sqlite: with the path of a file (PostgreSQL is not supported yet)")
    .optional(),
  TEMPORAL_ADDRESS: z.string().regex(/^[^/]+:\d+$/, "must be host:port").default("127.0.0.1:7233"),
  TEMPORAL_NAMESPACE: z.string().default("default"),
  /** Encrypt what Temporal stores: `id:key`, separated by commas. The first one encrypts, each of them decrypts. */
  TURNLOG_PAYLOAD_KEYS: z.string().transform((list, context) => {
    const keys = list.split(",").map((entry) => readPayloadKey(entry.trim()));
    const isUsable = keys.every((key) => key !== null);
    if (isUsable && new Set(keys.map(({ id }) => id)).size === keys.length) return keys;
    context.addIssue(
      "must be id:key, id:key … with another id for each, and 32 bytes in base64 as the key",
    );
    return z.NEVER;
  }).default([]),
  /** One or several `host:port`, separated by commas. */
  KAFKA_BROKERS: z.string()
    .transform((list) => list.split(",").map((broker) => broker.trim()))
    .refine(
      (list) => list.every((broker) => /^[^/]+:\d+$/.test(broker)),
      "must be host:port, host:port …",
    )
    .default(["127.0.0.1:9092"]),
  TURNLOG_TOPIC_PREFIX: z.string()
    .regex(/^[a-zA-Z0-9._-]*$/, "may hold letters, digits and . _ - only")
    .default(""),
  CLICKHOUSE_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
    .default("http://127.0.0.1:8123"),
  /** How often each process states how it fares; 0: never. */
  TURNLOG_SAMPLE_SECONDS: z.coerce.number("must be a number of seconds")
    .int("must be a whole number").min(0).max(3600).default(30),
  TURNLOG_LOG_LEVEL: z.enum(["debug", "info", "warning", "error"]).default("info"),
  TURNLOG_LOG_FORMAT: z.enum(["text", "json"]).default("text"),
};

/** @returns The SQLite file that the settings name. */
export function sqlitePath(settings: { DATABASE_URL?: string; TURNLOG_DATA: string }): string {
  return settings.DATABASE_URL?.slice("sqlite:".length) ?? `${settings.TURNLOG_DATA}/turnlog.db`;
}

function readPayloadKey(entry: string): PayloadKey | null {
  const [, id, encoded] = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/]{43}=)$/.exec(entry) ?? [];
  if (id === undefined) return null;
  return { id, key: Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)) };
}
