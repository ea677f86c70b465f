/** What becomes of an attempt when its call is over: its end is stated, and the workflow told how it ended. */
import { Context } from "@temporalio/activity";
import type { Candidate } from "../events/contract/turn_plan.ts";
import {
  type AskedCall,
  type BegunAttempt,
  type CallModelResult,
  endAttempt,
  isCancelledByWorkflow,
} from "./attempt.ts";
import type { AttemptStream } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import { interrupted, interruption } from "./interrupted_attempt.ts";
import { attempts, timeToFirstToken } from "./metrics.ts";
import type { Answer, Outcome } from "./stream_answer.ts";

export interface EndedCall {
  answer: Answer;
  stream: AttemptStream;
  outcome: Outcome;
  /** Whether the user stopped the turn, by the quick way. */
  isStopRequested: boolean;
}

/** @throws ApplicationFailure where the worker ends in the middle: Temporal gives the call to another one. */
export async function concludeAttempt(
  dependencies: Dependencies,
  asked: AskedCall,
  begun: BegunAttempt,
  { answer, stream, outcome, isStopRequested }: EndedCall,
): Promise<CallModelResult> {
  const isStop = isStopRequested || isCancelledByWorkflow(Context.current());
  const result = resultOf(outcome, isStop);
  count(asked.candidate, answer, result);
  const endsTurn = await endAttempt(dependencies, asked, begun, { answer, stream, result });
  if (outcome.type === "aborted" && !isStop) throw interruption();
  return result.outcome === "completed" ? { ...result, endsTurn } : result;
}

function resultOf(outcome: Outcome, isStop: boolean): CallModelResult {
  switch (outcome.type) {
    case "finished":
      return { outcome: "completed", finishReason: outcome.finishReason };
    case "failed":
      return { outcome: "failed", failure: outcome.failure };
    case "aborted":
      return isStop ? { outcome: "stopped" } : { outcome: "failed", failure: interrupted };
  }
}

function count({ provider, model }: Candidate, answer: Answer, result: CallModelResult): void {
  const outcome = result.outcome === "failed" ? result.failure.class : result.outcome;
  attempts.inc({ provider, model, outcome });
  if (answer.timeToFirstTokenMs !== null) {
    timeToFirstToken.observe({ provider, model }, answer.timeToFirstTokenMs / 1000);
  }
}
