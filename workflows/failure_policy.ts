/** What the workflow does about a failure. Pure: it runs inside the workflow. */
import type { Failure, FailureClass } from "../events/contract/failure.ts";
import type { Candidate } from "../events/contract/turn_plan.ts";

/** The type of the failure with which `callModel` says that the message of the turn is not stored. */
export const unknownTurn = "unknown-turn";

export type Reaction =
  /** Try the same candidate again, if its tries are not used up; else the next one. */
  | "retry"
  /** Go to the next candidate: this one would fail again. */
  | "fall-back"
  /** Go to the next candidate that takes a longer conversation. */
  | "larger-context"
  /** End the turn: nobody else should be asked. */
  | "give-up";

const reactions: Record<FailureClass, Reaction> = {
  "rate-limited": "retry",
  "overloaded": "retry",
  "unreachable": "retry",
  "timed-out": "retry",
  "stalled": "retry",
  "cut-off": "retry",
  "asleep": "retry",
  "interrupted": "retry",
  "context-too-long": "larger-context",
  "bad-credentials": "fall-back",
  "bad-request": "fall-back",
  "internal": "fall-back",
  // To ask another provider what one refuses as a matter of policy would go round the policy.
  "refused": "give-up",
};

export function reactionTo(failure: Failure): Reaction {
  const reaction = reactions[failure.class];
  return reaction === "retry" && (failure.retryAfterMs ?? 0) > retryMsMax ? "fall-back" : reaction;
}

/** @returns Whether the same call may succeed later, so that it is worth to wait. */
export function isTransient(failure: Failure): boolean {
  return reactions[failure.class] === "retry";
}

/**
 * Whether a candidate takes longer conversations than one that failed.
 *
 * @param tooSmallTokens The largest context that was too small so far; 0 where none is known.
 * @returns True also where its context is not known: then only a try can tell.
 */
export function mayFit(
  { contextTokens }: Pick<Candidate, "contextTokens">,
  tooSmallTokens: number,
): boolean {
  return contextTokens === undefined || contextTokens > tooSmallTokens;
}

const retryMsFirst = 250;
/** The longest time that a user watches one candidate being tried again while there may be another one. */
const retryMsMax = 10_000;

/**
 * How long to wait before the same candidate is tried again.
 *
 * @param retries How often it has been tried again already.
 * @param random From 0 to 1; the workflow's own, so that a replay gives the same.
 * @returns What the provider asked for, else a time that doubles, with half of it left to chance.
 */
export function retryDelayMs(
  failure: Failure,
  retries: number,
  random: number,
  firstMs = retryMsFirst,
): number {
  if (failure.retryAfterMs !== undefined) return failure.retryAfterMs;
  const ceilingMs = Math.min(firstMs * 2 ** retries, retryMsMax);
  return Math.round(ceilingMs * (0.5 + random / 2));
}

const waitMsFirst = 5_000;
const waitMsMax = 120_000;
/** From then on the pauses grow slowly: a history has its limit, and a route may wait for a month. */
export const longWaitRounds = 25;
const longWaitGrowth = 1.05;
const longWaitMsMax = 6 * 3_600_000;

/**
 * How long a turn waits when every candidate has failed, before it tries all of them again.
 *
 * @param rounds How often it has waited already.
 * @param random From 0 to 1: so that turns which fail together do not come back together.
 */
export function waitDelayMs(
  failure: Failure,
  rounds: number,
  random: number,
  firstMs = waitMsFirst,
): number {
  const steadyMs = Math.min(firstMs * 2 ** rounds, waitMsMax);
  const longMs = steadyMs * longWaitGrowth ** Math.max(rounds - longWaitRounds, 0);
  const delayMs = Math.round(Math.min(longMs, longWaitMsMax) * (0.9 + random / 5));
  return Math.max(delayMs, Math.min(failure.retryAfterMs ?? 0, waitMsMax));
}
