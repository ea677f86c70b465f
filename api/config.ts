/** The settings of the api: the only file here that reads the environment. */
import { z } from "zod";
import { keyResolver } from "../events/key_reference.ts";
import { commonSettings, port, readSettings } from "../events/read_settings.ts";
import type { Supervisor } from "./server_processes.ts";

export const apiSchema = z.object({
  ...commonSettings,
  TURNLOG_HOST: z.string().default("127.0.0.1"),
  TURNLOG_PORT: port.default(8000),
  TURNLOG_CONFIG: z.string().default("deploy/turnlog.yaml"),
  /** How many answers one api process begins to write itself while Temporal records their turns; 0: workers write all. */
  TURNLOG_API_TURNS: z.coerce.number("must be a number").int().min(0).max(10_000).default(100),
  /** The bundle that `workflows/bundle.ts` wrote, with which this process also runs the workflows of such turns. */
  TURNLOG_WORKFLOW_BUNDLE: z.string().optional(),
  /** Where the start that runs this process also starts and stops servers of models, and by which token it knows us. */
  TURNLOG_SUPERVISOR_URL: z.url().optional(),
  TURNLOG_SUPERVISOR_TOKEN: z.string().optional(),
  /** Signs cookies; made once and kept in the data folder where it is unset. All api processes must have the same. */
  TURNLOG_SECRET: z.string().min(32, "must have 32 characters at least").optional(),
  /** Who knows it may operate; everyone where it is unset and the api listens on loopback alone. */
  TURNLOG_OPERATOR_TOKEN: z.string().min(16, "must have 16 characters at least").optional(),
  /** The keys that the API for programs lets in. Any key, or none, where it is unset, on loopback alone. */
  TURNLOG_API_KEYS: z.string()
    .transform((list) => list.split(",").map((key) => key.trim()))
    .refine(
      (keys) => keys.every((key) => key.length >= 16),
      "must be keys of 16 characters at least, separated by commas",
    )
    .default([]),
  /** Where the Temporal UI is for a browser: links lead there, and its pages may have payloads decoded. */
  TEMPORAL_UI_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
    .optional(),
});

export type ApiConfig = z.output<typeof apiSchema>;

/** @throws SettingsError that names what is wrong. */
export function readConfig(): ApiConfig {
  return readSettings(apiSchema, Deno.env.toObject());
}

/** @returns Undefined where no start runs this process. */
export function supervisorOf(
  { TURNLOG_SUPERVISOR_URL: url, TURNLOG_SUPERVISOR_TOKEN: token }: ApiConfig,
): Supervisor | undefined {
  return url === undefined || token === undefined ? undefined : { url, token };
}

/** Reads a variable that `turnlog.yaml` names. */
export function readVariable(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}

export const resolveKey = keyResolver(readVariable);
