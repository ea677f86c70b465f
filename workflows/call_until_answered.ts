/** The search for a candidate that answers a turn, within its workflow: retries, fallbacks, waiting, and the user's choice. */
import { log, patched } from "@temporalio/workflow";
import type { Failure } from "../events/contract/failure.ts";
import type { Candidate, TurnPlan } from "../events/contract/turn_plan.ts";
import type { CallModelResult } from "./attempt.ts";
import { callCandidate } from "./call_candidate.ts";
import {
  isTransient,
  longWaitRounds,
  mayFit,
  type Reaction,
  reactionTo,
  retryDelayMs,
} from "./failure_policy.ts";
import { exposuresAt, type Reached } from "./reached_exposures.ts";
import { nameCandidate, nameOutcome } from "./search_attributes.ts";
import { rerouteTurn, waitTurn } from "./store_steps.ts";
import { pause, pauseMs, type Wish } from "./waiting.ts";

/**
 * Tries all candidates, again and again while the plan lets the turn wait for one of them.
 *
 * @param reached Is told how far the turn is.
 */
export async function callUntilAnswered(
  asked: TurnPlan,
  wish: Wish,
  reached: Reached,
): Promise<CallModelResult> {
  const giveUpAtMs = Date.now() + (asked.onExhausted === "wait" ? asked.waitMs : 0);
  let plan = asked;
  const search: Search = {
    reason: asked.passedOver,
    round: 0,
    isChosen: false,
    tooSmallTokens: 0,
    recoveryMs: Infinity,
  };
  while (true) {
    const { result, passing } = await callCandidates(plan, search, wish, reached);
    if (result.outcome !== "failed") return result;
    search.reason = result.failure;
    if (wish.choice === undefined) {
      const longestMs = passing &&
        pauseMs(plan, { passing, last: result.failure }, search.round, giveUpAtMs);
      if (passing === undefined || longestMs === undefined) return result;
      // Later on, what keeps the history short outweighs it.
      const delayMs = search.round < longWaitRounds
        ? Math.min(longestMs, search.recoveryMs)
        : longestMs;
      if (search.round === 0) nameOutcome("waiting");
      const until = new Date(Date.now() + delayMs).toISOString();
      await waitTurn({ turnId: plan.turnId, until, reason: passing });
      await pause(delayMs, `waiting: ${passing.class}`, wish);
      search.round++;
    }
    if (wish.choice !== undefined) {
      const { choice } = wish;
      wish.choice = undefined;
      const candidates = choice.candidates.map(({ model }) => model);
      await rerouteTurn({ turnId: plan.turnId, route: choice.route, candidates });
      plan = {
        ...plan,
        passedOver: undefined,
        ...choice,
        firstCall: undefined,
        exposures: undefined,
      };
      Object.assign(search, { round: 0, isChosen: true, tooSmallTokens: 0 });
    }
  }
}

/** How far the search for a candidate that answers is. */
interface Search {
  /** Why there is another attempt. */
  reason?: Failure;
  /** How often the turn has waited, since the user chose if they did. */
  round: number;
  isChosen: boolean;
  /** The largest context that was too small for the conversation. */
  tooSmallTokens: number;
  /** How soon the first of the candidates that were passed over may be called again; never where none was. */
  recoveryMs: number;
}

/**
 * Tries each candidate in order, each as often as the plan says; once where the turn has waited before.
 *
 * @returns The last result, and the last failure that may pass, if there was one.
 */
async function callCandidates(
  plan: TurnPlan,
  search: Search,
  wish: Wish,
  reached: Reached,
): Promise<{ result: CallModelResult; passing?: Failure }> {
  const { round, isChosen } = search;
  const tries = round === 0 ? plan.retry.attempts : 1;
  let { reason } = search;
  let passing: Failure | undefined;
  search.recoveryMs = Infinity;
  for (const [index, candidate] of plan.candidates.entries()) {
    reached.candidate = candidate;
    reached.exposures = exposuresAt(plan, index) ?? reached.exposures;
    if (!mayFit(candidate, search.tooSmallTokens) && patched("larger-context")) continue;
    const isNamed = round === 0 ? index === 0 && !isChosen : plan.candidates.length === 1;
    if (!isNamed) nameCandidate(candidate);
    for (let retries = 0;; retries++) {
      const result = await callCandidate(plan, candidate, {
        isFallback: index > 0 || plan.passedOver !== undefined,
        reason,
        exposures: reached.exposures,
        mayAdopt: round + index + retries === 0,
      });
      if (result.outcome !== "failed") return { result };
      const { failure } = result;
      reason = failure;
      const reaction = learn(search, candidate, result);
      if (wish.choice !== undefined || reaction === "give-up") return { result };
      if (isTransient(failure)) passing = failure;
      if (reaction !== "retry" || retries + 1 >= tries) break;
      const delayMs = retryDelayMs(failure, retries, Math.random(), plan.retry.delayMs);
      await pause(delayMs, `retry: ${failure.class}`, wish);
    }
  }
  const failure: Failure = reason ?? { class: "internal", message: "The plan names no candidate" };
  return { result: { outcome: "failed", failure }, passing };
}

/** Keeps what a failed call tells about the next ones. @returns What to do about it. */
function learn(
  search: Search,
  candidate: Candidate,
  { failure, skipped }: Extract<CallModelResult, { outcome: "failed" }>,
): Reaction {
  // Without its message: a provider may repeat in it what it was asked.
  log.info(skipped ? "A candidate was passed over" : "An attempt failed", {
    model: candidate.model,
    class: failure.class,
  });
  if (skipped) {
    search.recoveryMs = Math.min(search.recoveryMs, failure.retryAfterMs ?? Infinity);
    return "fall-back";
  }
  const reaction = reactionTo(failure);
  if (reaction === "larger-context") {
    const contextTokens = failure.contextTokens ?? candidate.contextTokens ?? 0;
    search.tooSmallTokens = Math.max(search.tooSmallTokens, contextTokens);
  }
  return reaction;
}
