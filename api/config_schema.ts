/** What may stand in `turnlog.yaml`; whether its names lead somewhere is looked at in `config_references.ts`. */
import { z } from "zod";
import { coolDownMsMax } from "../events/provider_health/endpoint_health.ts";
import { experiments } from "./experiments/experiment_schema.ts";
import { managedServerFields } from "./managed_server_schema.ts";

const name = z.string().regex(
  /^[a-z0-9][a-z0-9._-]*$/i,
  "a name may hold letters, digits and . _ - only",
);

/** `env:NAME`: where whoever calls finds a key. */
const keyReference = z.string().regex(
  /^env:[A-Z_][A-Z0-9_]*$/i,
  "a key is named as env:NAME, with the variable that holds it; the key itself must not stand in the file",
);

/** The most addresses at which one provider may answer. */
const addressesMax = 100;
const address = z.string().min(1);
const baseUrl = z.union(
  [address, z.array(address).min(1).max(addressesMax)],
  `must be an address, or a list of 1 to ${addressesMax} addresses`,
);

/** The longest wait for a provider that still feels like an answer. */
const queueMsMax = 300_000;

/** `ProviderLimits` of the plan. */
const limits = z.strictObject({
  concurrent: z.int().min(1).max(10_000).default(1000),
  queued: z.int().min(0).max(10_000).default(1000),
  queueMs: z.int().min(1).max(queueMsMax).default(30_000),
});

/** `BreakerPolicy` of the plan; a cool-down never lasts longer than two minutes. */
const breaker = z.strictObject({
  failures: z.int().min(1).max(1000).default(5),
  cooldownMs: z.int().min(1000).max(coolDownMsMax).default(30_000),
});

const provider = z.strictObject({
  kind: z.enum(["openai", "anthropic", "simulated"]),
  /** An `http(s)://` address, or a text with `${NAME}` that becomes one or several; or a list of them. */
  baseUrl: baseUrl.optional(),
  apiKey: keyReference.optional(),
  /** A vLLM server, which can continue a partial answer. */
  vllm: z.boolean().default(false),
  limits: limits.prefault({}),
  breaker: breaker.prefault({}),
  ...managedServerFields,
});

const price = z.strictObject({
  input: z.number().min(0),
  output: z.number().min(0),
  cachedInput: z.number().min(0).optional(),
  /** Never absent or empty once read: that is how an event says that there was no price. */
  version: z.string().min(1).default("unstated"),
});

const model = z.strictObject({
  provider: name,
  /** The provider's name of the model; the name in this file where it is absent, `auto` for the first that is listed. */
  name: z.string().min(1).optional(),
  contextTokens: z.int().min(1).optional(),
  /** How it goes on with an answer that broke off: `native` needs a server that can, such as vLLM. */
  continuation: z.enum(["native", "instruct", "restart"]).optional(),
  price: price.optional(),
  /** Sent to the provider as they are. */
  parameters: z.record(z.string(), z.json()).default({}),
});

/** The longest timer of Temporal that makes sense for one call: a day. */
const dayMs = 86_400_000;
const milliseconds = z.int().min(1).max(dayMs);

const timeouts = z.strictObject({
  firstTokenMs: milliseconds.default(15_000),
  idleMs: milliseconds.default(20_000),
  totalMs: milliseconds.default(300_000),
});

const route = z.strictObject({
  candidates: z.array(name).min(1).max(20),
  whenNoneConfigured: name.optional(),
  timeouts: timeouts.prefault({}),
  retry: z.strictObject({
    attempts: z.int().min(1).max(10).default(2),
    /** The pause before the second try, at most; later ones double, up to ten seconds. */
    delayMs: z.int().min(1).max(10_000).default(250),
  }).prefault({}),
  continuation: z.enum(["auto", "restart"]).default("auto"),
  onExhausted: z.enum(["fail", "wait"]).default("fail"),
  waitMs: z.int().min(0).max(30 * dayMs).default(dayMs),
  /** The first pause of a turn that waits; later ones grow. */
  waitDelayMs: z.int().min(100).max(60_000).default(5_000),
  systemPrompt: z.string().max(100_000).optional(),
});

export const configSchema = z.strictObject({
  providers: z.record(name, provider),
  models: z.record(name, model),
  routes: z.record(name, route),
  experiments,
});

export type TurnlogConfig = z.output<typeof configSchema>;
export type RouteConfig = z.output<typeof route>;
