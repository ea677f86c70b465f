/**
 * The activity `callModel` as an api process carries it out: it adopts the call that the process has made already, keeps
 * Temporal told how far it is, and states how it ended.
 */
import { ApplicationFailure, Context } from "@temporalio/activity";
import type { CallModelInput, CallModelResult } from "./attempt.ts";
import { concludeAttempt } from "./conclude_attempt.ts";
import type { Dependencies } from "./dependencies.ts";
import type { FirstCalls } from "./first_calls.ts";
import { heartbeatUntilDisposed } from "./heartbeat.ts";

/** @throws ApplicationFailure where there is no such call here: a worker is to make one. */
export async function adoptFirstCall(
  dependencies: Dependencies,
  firstCalls: FirstCalls,
  input: CallModelInput,
): Promise<CallModelResult> {
  const context = Context.current();
  const call = firstCalls.find(input.turnId);
  using _heartbeat = heartbeatUntilDisposed(context, () => undefined);
  const stream = await call?.stream;
  if (!call || !stream) {
    throw ApplicationFailure.nonRetryable("This process has no call for the turn", "no-first-call");
  }
  const interrupt = () => call.interrupt();
  context.cancellationSignal.addEventListener("abort", interrupt, { once: true });
  if (context.cancellationSignal.aborted) interrupt();
  try {
    const outcome = await call.outcome;
    return await concludeAttempt(
      dependencies,
      { ...input, candidate: call.candidate },
      { type: "begun", attempt: 1, partialText: "" },
      { answer: call.answer, stream, outcome, isStopRequested: call.isStopRequested },
    );
  } finally {
    call.release();
  }
}
