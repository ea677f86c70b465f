/**
 * What may be asked of a server of models: to sleep, to wake, to load and unload adapters. Each such change is carried
 * out by the workflow `manageModel`, one at a time per server, whoever asks: an operator, a turn, or the idle policy.
 */
import type { ModelState } from "./event.ts";

/** A server that is managed. */
export interface ModelServer {
  /** The provider's name in `turnlog.yaml`. */
  provider: string;
  /** Where it answers, with `/v1`. */
  baseUrl: string;
  /** Where whoever calls finds the key, as `env:NAME`; absent where the server needs none. */
  apiKey?: string;
}

/** What vLLM lets go of: 1 moves the weights to the host's memory, 2 drops them, so that they are read again at a wake. */
export type SleepLevel = 1 | 2;

export type ModelChange =
  /** `onlyIfUnusedSince`: how much the server had been used when it was found idle; used meanwhile, it stays awake. */
  | { action: "sleep"; level: SleepLevel; onlyIfUnusedSince?: string }
  /** `isAskedAgain`: also where it has just failed. */
  | { action: "wake"; isAskedAgain?: boolean }
  | { action: "load-adapter"; name: string; path: string }
  | { action: "unload-adapter"; name: string };

/** A change, and who asks for it, as a sentence. */
export interface ModelChangeRequest {
  change: ModelChange;
  reason: string;
}

/**
 * Why a change was not made:
 *
 * - `unsupported`: the server was started without what it takes
 * - `refused`: the server, or its state, does not allow it
 * - `unreachable`: the server does not answer
 * - `in-use`: it was to sleep only if nobody used it
 * - `failed`: it was tried, and the model does not work now
 */
export type ModelProblem = "unsupported" | "refused" | "unreachable" | "in-use" | "failed";

export type ModelChangeResult =
  /** `changed` is false where it was so already. */
  | { outcome: "done"; state: ModelState; changed: boolean }
  | { outcome: "not-done"; problem: ModelProblem; message: string };

/** For so long a wake that failed is not tried again, unless an operator asks for it. */
export const failedWakeMs = 60_000;

/** When a server that nobody uses is put to sleep. */
export interface SleepPolicy {
  server: ModelServer;
  afterIdleMs: number;
  level: SleepLevel;
}
