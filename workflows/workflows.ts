/**
 * The workflow `answerTurn`: one user message and the work done to answer it. It must be deterministic: recorded
 * histories are replayed by the tests, and a change to a step that has shipped goes behind `patched()`. All workflows of the
 * worker are exported here.
 */
import {
  ApplicationFailure,
  CancellationScope,
  defineSignal,
  isCancellation,
  setHandler,
} from "@temporalio/workflow";
import { chooseModelSignal, stopSignal } from "../events/contract/names.ts";
import type { ModelChoice, TurnPlan } from "../events/contract/turn_plan.ts";
import type { EndInput } from "./activities.ts";
import type { CallModelResult } from "./attempt.ts";
import { callUntilAnswered } from "./call_until_answered.ts";
import type { Reached } from "./reached_exposures.ts";
import { nameOutcome } from "./search_attributes.ts";
import { endTurn } from "./store_steps.ts";
import type { Wish } from "./waiting.ts";

export { backtest } from "./backtest.ts";
export { exportConversations } from "./export_conversations.ts";
export { manageModel } from "./model_manager/manage_model.ts";
export { sleepIdleModels } from "./model_manager/sleep_idle_models.ts";
export { retryTurns } from "./retry_turns.ts";

/** Ends the turn, keeping as much of the answer as the user had seen, in UTF-16 code units. */
export const stopTurn = defineSignal<[{ seenLength?: number }]>(stopSignal);

/** Lets another model or route answer a turn that waits: at once there, after the attempt that is under way elsewhere. */
export const chooseModel = defineSignal<[ModelChoice]>(chooseModelSignal);

interface StopRequest {
  seenLength?: number;
}

export async function answerTurn(plan: TurnPlan): Promise<{ outcome: "completed" | "stopped" }> {
  let stop: StopRequest | undefined;
  const answering = new CancellationScope();
  setHandler(stopTurn, (request) => {
    stop ??= request;
    answering.cancel();
  });

  const wish: Wish = {};
  setHandler(chooseModel, (choice) => {
    wish.choice = choice;
  });

  const reached: Reached = {};
  const called = await untilStopped(answering, () => callUntilAnswered(plan, wish, reached));
  // The answer may have ended while the stop was on its way; the user was promised that it stops.
  const result: CallModelResult = stop === undefined || hasEndedTurn(called)
    ? called
    : { outcome: "stopped" };
  const ending = { message: plan.message, ...reached };
  switch (result.outcome) {
    case "completed":
      if (hasEndedTurn(result)) nameOutcome("completed");
      else {
        await end(
          { ...ending, type: "turn.completed", finishReason: result.finishReason },
          "completed",
        );
      }
      return { outcome: "completed" };
    case "stopped":
      await end({ ...ending, type: "turn.stopped", seenLength: stop?.seenLength }, "stopped");
      return { outcome: "stopped" };
    case "failed":
      await end({ ...ending, type: "turn.failed", error: result.failure }, result.failure.class);
      // A failed turn is a failed run, so that an operator finds it and can reset it.
      throw ApplicationFailure.nonRetryable(result.failure.message, result.failure.class);
  }
}

async function end(input: EndInput, outcome: string): Promise<void> {
  // A stop that comes now must not undo an end that is being told.
  const status = await CancellationScope.nonCancellable(() => endTurn(input));
  // A stop may have come with the last words, when the answer was stated to be complete.
  nameOutcome(status === "completed" ? status : outcome);
}

function hasEndedTurn(result: CallModelResult): boolean {
  return result.outcome === "completed" && result.endsTurn === true;
}

/** Runs the work so that a stop ends it, before it begins as well as in the middle. */
async function untilStopped(
  scope: CancellationScope,
  work: () => Promise<CallModelResult>,
): Promise<CallModelResult> {
  try {
    return await scope.run(work);
  } catch (error) {
    if (scope.consideredCancelled && isCancellation(error)) return { outcome: "stopped" };
    throw error;
  }
}
