/**
 * How an api process adopts the call that it has made already, and states how it ended: one of some seconds in the local
 * activity `finishFirstCall`, which costs Temporal next to nothing; a longer one as the activity `callModel`, which keeps
 * Temporal told that it lives.
 */
import { ApplicationFailure, Context } from "@temporalio/activity";
import { sleep } from "../events/sleep.ts";
import type { EndInput } from "./activities.ts";
import type { CallModelInput, CallModelResult, FirstCallResult } from "./attempt.ts";
import { concludeAttempt } from "./conclude_attempt.ts";
import type { AttemptStream } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import type { FirstCalls, StartedCall } from "./first_calls.ts";
import { heartbeatUntilDisposed } from "./heartbeat.ts";
import { isInterruption } from "./interrupted_attempt.ts";

/**
 * How long a call may take that needs no activity. Temporal renews the step as often as an activity's heartbeats would
 * come, so that a dead process is missed as soon; but each time leaves three events in the history. At one second, a busy
 * machine reached it with every turn, and was then kept busy with the activities.
 */
const quickMs = 10_000;

/** @returns How the call ended, or why it did not: it is not over soon, made by another process, or this one ends. */
export async function finishFirstCall(
  dependencies: Dependencies,
  firstCalls: FirstCalls,
  { turnId }: CallModelInput,
): Promise<FirstCallResult> {
  const call = firstCalls.find(turnId);
  if (call === undefined) return "elsewhere";
  // A stop comes as a signal as well, which waits until this step is over.
  const { cancellationSignal } = Context.current();
  const signal = AbortSignal.any([call.stopRequest, cancellationSignal]);
  const patience = sleep(quickMs, signal).then(() => null);
  const stream = await Promise.race([call.stream, patience]);
  const outcome = stream && await Promise.race([call.outcome, patience]);
  if (!stream || !outcome || signal.aborted) return "running";
  try {
    return await conclude(dependencies, { call, stream });
  } catch (error) {
    if (isInterruption(error)) return "interrupted";
    throw error;
  }
}

/** @throws ApplicationFailure where there is no such call here: a worker is to make one. */
export async function adoptFirstCall(
  dependencies: Dependencies,
  firstCalls: FirstCalls,
  { turnId }: CallModelInput,
): Promise<CallModelResult> {
  const context = Context.current();
  const call = firstCalls.find(turnId);
  if (call === undefined) throw noFirstCall();
  using _heartbeat = heartbeatUntilDisposed(context, () => undefined);
  const stream = await call.stream;
  if (stream === null) throw noFirstCall();
  const interrupt = () => call.interrupt();
  context.cancellationSignal.addEventListener("abort", interrupt, { once: true });
  if (context.cancellationSignal.aborted) interrupt();
  return await conclude(dependencies, { call, stream });
}

/**
 * Ends the turn's call, if it is under way in this process while its workflow ends the turn: nobody will adopt it, and its
 * words must not come after the turn's end. A stop keeps what they were.
 */
export async function endFirstCall(
  dependencies: Dependencies,
  firstCalls: FirstCalls,
  { message, type }: EndInput,
): Promise<void> {
  const call = firstCalls.find(message.turnId!);
  if (call === undefined) return;
  call.interrupt();
  const stream = await call.stream;
  if (type !== "turn.stopped" || stream === null) return call.release();
  await conclude(dependencies, { call, stream, isStopRequested: true });
}

function noFirstCall(): ApplicationFailure {
  return ApplicationFailure.nonRetryable("This process has no call for the turn", "no-first-call");
}

/** States how the call ended, as soon as it has. */
async function conclude(
  dependencies: Dependencies,
  { call, stream, isStopRequested = call.stopRequest.aborted }: {
    call: StartedCall;
    stream: AttemptStream;
    isStopRequested?: boolean;
  },
): Promise<CallModelResult> {
  try {
    const outcome = await call.outcome;
    return await concludeAttempt(
      dependencies,
      call.asked,
      { type: "begun", attempt: 1, partialText: "" },
      { answer: call.answer, stream, outcome, isStopRequested },
    );
  } finally {
    call.release();
  }
}
