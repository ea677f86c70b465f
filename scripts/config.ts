/** The settings of start, setup and the test runner. The only file of `scripts/` that reads the environment. */
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { commonSettings, port, readSettings } from "../events/read_settings.ts";
import { appAddress } from "./app_address.ts";

export const allRoles = ["api", "worker", "ingest"] as const;
export type Role = (typeof allRoles)[number];

const stackSchema = z.object({
  TURNLOG_HOST: z.string().default("127.0.0.1"),
  TURNLOG_PORT: port.default(8000),
  TURNLOG_DATA: commonSettings.TURNLOG_DATA.transform((path) => resolve(path)),
  /** Where engines are kept between starts; nothing in it would be missed. */
  TURNLOG_CACHE: z.string().optional().transform((path) => resolve(path ?? userCacheFolder())),
  TURNLOG_CONFIG: z.string().default("deploy/turnlog.yaml").transform((path) => resolve(path)),
  /** The processes that this start runs. */
  TURNLOG_ROLES: z.string().default(allRoles.join()).transform((list, context) => {
    const roles = list.split(",").map((role) => role.trim());
    const unknown = roles.filter((role) => !(allRoles as readonly string[]).includes(role));
    if (unknown.length > 0) {
      context.addIssue(`must be one or several of ${allRoles.join(", ")}, separated by commas`);
    }
    return roles as Role[];
  }),
  /** How many workers it runs, where it runs any. */
  TURNLOG_WORKERS: z.coerce.number("must be a number").int("must be a whole number").min(1).max(16)
    .default(1),
  DATABASE_URL: commonSettings.DATABASE_URL,
  /** An address that is set: that engine runs already, and is not started here. */
  TEMPORAL_ADDRESS: commonSettings.TEMPORAL_ADDRESS.unwrap().optional(),
  TEMPORAL_NAMESPACE: commonSettings.TEMPORAL_NAMESPACE,
  /** Where there are some, the Temporal UI that is started here is told who decrypts for it. */
  TURNLOG_PAYLOAD_KEYS: commonSettings.TURNLOG_PAYLOAD_KEYS,
  KAFKA_BROKERS: commonSettings.KAFKA_BROKERS.unwrap().optional(),
  CLICKHOUSE_URL: commonSettings.CLICKHOUSE_URL.unwrap().optional(),
  /** The same server for those who only read; CLICKHOUSE_URL, where it is unset. */
  CLICKHOUSE_READER_URL: commonSettings.CLICKHOUSE_URL.unwrap().optional(),
  /** The ports of the engines that are started here. */
  TURNLOG_TEMPORAL_PORT: port.default(7233),
  TURNLOG_TEMPORAL_UI_PORT: port.default(8233),
  TURNLOG_KAFKA_PORT: port.default(9092),
  TURNLOG_CLICKHOUSE_PORT: port.default(8123),
  /** A web folder that holds the engines' release archives under their own names; `none` leaves archives out. */
  TURNLOG_RELEASES: z.union([
    z.literal("none"),
    z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address, or none" }),
  ]).optional(),
});

export type StackSettings = z.output<typeof stackSchema>;

/**
 * Reads the settings of a stack.
 *
 * @throws SettingsError that names each variable that cannot be used.
 */
export function readStackSettings(environment: Record<string, string>): StackSettings {
  return readSettings(stackSchema, environment);
}

const daysKept = z.coerce.number("must be a number of days").int("must be a whole number")
  .min(0, "must be at least 0").max(36_500, "must be at most 36500").default(0);

export const setupSchema = z.object({
  TURNLOG_DATA: commonSettings.TURNLOG_DATA,
  DATABASE_URL: commonSettings.DATABASE_URL,
  TEMPORAL_ADDRESS: commonSettings.TEMPORAL_ADDRESS,
  TEMPORAL_NAMESPACE: commonSettings.TEMPORAL_NAMESPACE,
  KAFKA_BROKERS: commonSettings.KAFKA_BROKERS,
  TURNLOG_TOPIC_PREFIX: commonSettings.TURNLOG_TOPIC_PREFIX,
  CLICKHOUSE_URL: commonSettings.CLICKHOUSE_URL,
  /** Who may only read, made where it cannot be logged in as. */
  CLICKHOUSE_READER_URL: commonSettings.CLICKHOUSE_URL.unwrap().optional(),
  /** How long Temporal keeps a run after its end; what its namespace says where it is unset. */
  TURNLOG_TEMPORAL_RETENTION_DAYS: z.coerce.number("must be a number of days")
    .int("must be a whole number").min(1, "must be at least 1").optional(),
  /** How long ClickHouse keeps events, and what people and models wrote; 0 is for ever. */
  TURNLOG_EVENTS_RETENTION_DAYS: daysKept,
  TURNLOG_TEXTS_RETENTION_DAYS: daysKept,
  TURNLOG_LOG_LEVEL: commonSettings.TURNLOG_LOG_LEVEL,
  TURNLOG_LOG_FORMAT: commonSettings.TURNLOG_LOG_FORMAT,
});

export type SetupSettings = z.output<typeof setupSchema>;

/** @throws SettingsError that names each variable that cannot be used. */
export function readSetupSettings(environment: Record<string, string>): SetupSettings {
  return readSettings(setupSchema, environment);
}

const clientSchema = z.object({
  /** The address of a running Turnlog; made of its host and port where it is unset. */
  TURNLOG_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
    .transform((url) => url.replace(/\/+$/, "")).optional(),
  TURNLOG_HOST: stackSchema.shape.TURNLOG_HOST,
  TURNLOG_PORT: stackSchema.shape.TURNLOG_PORT,
  TURNLOG_OPERATOR_TOKEN: z.string().optional(),
});

export interface ClientSettings {
  url: string;
  operatorToken: string | undefined;
}

/**
 * Where a script finds the api that runs already, and what lets it operate.
 *
 * @throws SettingsError that names each variable that cannot be used.
 */
export function readClientSettings(environment: Record<string, string>): ClientSettings {
  const settings = readSettings(clientSchema, environment);
  return {
    url: settings.TURNLOG_URL ?? appAddress(settings),
    operatorToken: settings.TURNLOG_OPERATOR_TOKEN,
  };
}

/**
 * The environment of this process, with what `.env` in the project's folder adds to it.
 *
 * @param flags Flag → value, for those that stand for a variable.
 */
export function readEnvironment(flags: Record<string, string | undefined> = {}): Record<
  string,
  string
> {
  const fromFlags = Object.entries(variableOfFlag).flatMap(([flag, variable]) =>
    flags[flag] === undefined ? [] : [[variable, flags[flag]]]
  );
  return { ...readDotEnv(), ...Deno.env.toObject(), ...Object.fromEntries(fromFlags) };
}

/** Flags that override a variable. */
export const variableOfFlag: Record<string, string> = {
  port: "TURNLOG_PORT",
  data: "TURNLOG_DATA",
  config: "TURNLOG_CONFIG",
};

/**
 * The environment for tests: without what would lead them to the engines, the data or the models that someone uses,
 * and without `.env`.
 */
export function readTestEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) =>
      testsMayKnow.includes(name) ||
      !(name.startsWith("TURNLOG_") || hiddenFromTests.includes(name))
    ),
  );
}

const testsMayKnow = ["TURNLOG_CACHE", "TURNLOG_RELEASES"];
const hiddenFromTests = [
  ...["DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "KAFKA_BROKERS", "CLICKHOUSE_URL"],
  "CLICKHOUSE_READER_URL",
  ...["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "VLLM_URL", "VLLM_API_KEY"],
];

/** Whether this is an automatic run, in which nothing may be left out. */
export function isContinuousIntegration(): boolean {
  return !["", "0", "false"].includes(Deno.env.get("CI") ?? "");
}

function readDotEnv(): Record<string, string> {
  try {
    return parseEnv(Deno.readTextFileSync(".env")) as Record<string, string>;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

function userCacheFolder(): string {
  const home = Deno.env.get("HOME") ?? ".";
  const caches = Deno.env.get("XDG_CACHE_HOME") ||
    (Deno.build.os === "darwin" ? `${home}/Library/Caches` : `${home}/.cache`);
  return `${caches}/turnlog`;
}
