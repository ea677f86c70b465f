/** Pauses of a turn, within the workflow: how long they are, and what the user may do meanwhile. */
import { condition, patched } from "@temporalio/workflow";
import type { Failure } from "../events/contract/failure.ts";
import type { ModelChoice, TurnPlan } from "../events/contract/turn_plan.ts";
import { longWaitRounds, waitDelayMs } from "./failure_policy.ts";

export interface Wish {
  /** The model or route that the user has chosen, until it is taken up. */
  choice?: ModelChoice;
}

/** Waits, unless the user has chosen, or chooses, another model. */
export async function pause(delayMs: number, summary: string, wish: Wish): Promise<void> {
  await condition(() => wish.choice !== undefined, delayMs, { summary });
}

/**
 * @param passing The last failure that may pass.
 * @param last The last one, which may not.
 * @returns How long to wait before all candidates are tried again; undefined where the turn gives up.
 */
export function pauseMs(
  plan: TurnPlan,
  { passing, last }: { passing: Failure; last: Failure },
  round: number,
  giveUpAtMs: number,
): number | undefined {
  const leftMs = giveUpAtMs - Date.now();
  if (leftMs <= 0) return undefined;
  // 0.1.0 had pauses without chance that never grew beyond two minutes, went by the last failure whether or not it may
  // pass, and gave up before a pause that was too long.
  const isPatient = patched("patient-waits");
  const reason = isPatient ? passing : last;
  const rounds = isPatient ? round : Math.min(round, longWaitRounds);
  const random = isPatient ? Math.random() : 0.5;
  const delayMs = waitDelayMs(reason, rounds, random, plan.waitDelayMs);
  return delayMs <= leftMs ? delayMs : isPatient ? leftMs : undefined;
}
