/**
 * The turn plan: the input of the workflow `answerTurn`, with all that decides how a turn is answered. A worker needs
 * no catalogue beside it, and whoever opens the run in the Temporal UI sees it whole. It holds no secret: keys are
 * references that whoever calls resolves.
 */
import type { GenerationParameters, Timeouts } from "./call_settings.ts";
import type { EventOf } from "./event.ts";
import type { Exposure } from "./experiment.ts";
import type { Failure } from "./failure.ts";

export interface TurnPlan {
  turnId: string;
  conversationId: string;
  tenant: string;
  userKey: string;
  /** The message as the api accepted it; the workflow and the api both append it, and its id makes it one event. */
  message: EventOf<"message.sent">;
  /** The route or model that was asked for. */
  route: string;
  /** Whom to ask, in this order. At least one. */
  candidates: Candidate[];
  timeouts: Timeouts;
  retry: RetryPolicy;
  continuation: ContinuationPolicy;
  onExhausted: "fail" | "wait";
  /** How long a turn may wait for a provider in all, with `onExhausted: "wait"`. */
  waitMs: number;
  /** The first pause of a turn that waits; later ones grow. Five seconds where it is absent. */
  waitDelayMs?: number;
  systemPrompt?: string;
  /** Why candidates that would come first stand behind the others: all their endpoints were cooling down. */
  passedOver?: Failure;
  /** What the user asked for, whoever answers; it outranks the candidates' own parameters. */
  parameters: GenerationParameters;
  /** Experiment → variant; empty where the turn takes part in none. */
  variants: Record<string, string>;
  /** Where the variants of these experiments differ; absent where they do nowhere. */
  exposures?: PlannedExposure[];
  /** How long whoever answers may be silent before another goes on; three seconds where it is absent. */
  heartbeatTimeoutMs?: number;
  /** The call that the api made while the turn's start was recorded. */
  firstCall?: FirstCallPlace;
}

/** Where the workflow finds a call that is under way already. */
export interface FirstCallPlace {
  /** On which the process that made the call looks for activities. */
  taskQueue: string;
  /** Whether that process also runs workflows, so that a quick answer needs no activity; absent before 0.2. */
  runsWorkflows?: boolean;
}

/** The turn is exposed to the variant once it has come to this candidate, by its place among them from 0. */
export interface PlannedExposure extends Exposure {
  fromCandidate: number;
}

/** What changes in a plan when the user chooses another model or route: who is asked, and how, but not for how long. */
export type ModelChoice = Pick<
  TurnPlan,
  "route" | "candidates" | "timeouts" | "retry" | "continuation" | "systemPrompt"
>;

/** One model at one provider, with all that a worker needs to call it. */
export interface Candidate {
  /** The names in `turnlog.yaml`. */
  model: string;
  provider: string;
  kind: ProviderKind;
  /** Where the provider answers; absent where the kind has its own address. */
  baseUrl?: string;
  /** All addresses at which it answers, with `baseUrl` as the first; absent where there are not several. */
  baseUrls?: string[];
  /** Where whoever calls finds the key, as `env:NAME`; absent where the provider needs none. */
  apiKey?: string;
  /** The name that is sent to the provider; `auto` takes the first model that the server lists. */
  requestModel: string;
  /** True for a vLLM server, which can continue a partial answer natively. */
  vllm: boolean;
  /** The provider's own parameters, sent as they are (`temperature`, `max_tokens`, …; the simulated provider's faults). */
  parameters: Record<string, unknown>;
  price?: Price;
  contextTokens?: number;
  /** How it goes on with a partial answer; its kind's way where it is absent. */
  continuation?: ModelContinuation;
  /** Absent in plans of Turnlog 0.1, which knew none. */
  limits?: ProviderLimits;
  breaker?: BreakerPolicy;
}

/** How much one process, a worker or an api, asks of a provider at once. */
export interface ProviderLimits {
  /** Calls that are under way at one address; further ones wait in a queue that is fair to each user. */
  concurrent: number;
  /** Calls that wait for the provider; beyond them the next candidate is asked at once. */
  queued: number;
  /** How long one call waits. */
  queueMs: number;
}

/** When an address that fails is left alone, and for how long. */
export interface BreakerPolicy {
  /** Calls that fail in a row. */
  failures: number;
  /** The first time; it doubles with each probe that fails. */
  cooldownMs: number;
}

export type ProviderKind = "openai" | "anthropic" | "simulated";

/** USD per million tokens; `cachedInput` is that of `input` where it is absent. */
export interface Price {
  input: number;
  output: number;
  cachedInput?: number;
  /** The day from which the price holds (`2026-11-01`); `unstated` where `turnlog.yaml` does not say. */
  version?: string;
}

export interface RetryPolicy {
  /** How often one candidate is tried before the next one is. */
  attempts: number;
  /** The pause before the second try, at most; later ones double. A quarter of a second where it is absent. */
  delayMs?: number;
}

/**
 * What becomes of a partial answer when its attempt fails: `auto` continues it as the next candidate can; `restart`
 * always begins anew.
 */
export type ContinuationPolicy = "auto" | "restart";

/**
 * How a model goes on with a partial answer: `native` where its server takes it up after the last token, `instruct` where
 * it is told in words to go on, `restart` where it begins anew.
 */
export type ModelContinuation = "native" | "instruct" | "restart";
