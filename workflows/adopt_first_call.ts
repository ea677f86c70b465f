/**
 * How an api process adopts the call that it has made already, and states how it ended: a quick one in the local activity
 * `finishFirstCall`, which costs Temporal nothing; a longer one as the activity `callModel`, which keeps Temporal told
 * that it lives.
 */
import { ApplicationFailure, Context } from "@temporalio/activity";
import { sleep } from "../events/sleep.ts";
import type { CallModelInput, CallModelResult } from "./attempt.ts";
import { concludeAttempt } from "./conclude_attempt.ts";
import type { AttemptStream } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import type { FirstCalls, StartedCall } from "./first_calls.ts";
import { heartbeatUntilDisposed } from "./heartbeat.ts";

/**
 * How long a quick call may take. Until then the turn has no other step, and whoever takes it over has to wait for the
 * timeout of this one; heartbeats find a dead process about as soon.
 */
const quickMs = 1000;

/** @returns Null where the call is not here, or is not over soon: then `callModel` is to adopt it. */
export async function finishFirstCall(
  dependencies: Dependencies,
  firstCalls: FirstCalls,
  input: CallModelInput,
): Promise<CallModelResult | null> {
  const call = firstCalls.find(input.turnId);
  if (call === undefined) return null;
  // A stop comes as a signal as well, which waits until this step is over.
  const { cancellationSignal } = Context.current();
  const signal = AbortSignal.any([call.stopRequest, cancellationSignal]);
  const patience = sleep(quickMs, signal).then(() => null);
  const stream = await Promise.race([call.stream, patience]);
  const outcome = stream && await Promise.race([call.outcome, patience]);
  if (!stream || !outcome || signal.aborted) return null;
  return await conclude(dependencies, { call, stream }, input);
}

/** @throws ApplicationFailure where there is no such call here: a worker is to make one. */
export async function adoptFirstCall(
  dependencies: Dependencies,
  firstCalls: FirstCalls,
  input: CallModelInput,
): Promise<CallModelResult> {
  const context = Context.current();
  const call = firstCalls.find(input.turnId);
  using _heartbeat = heartbeatUntilDisposed(context, () => undefined);
  using running = dependencies.liveness.track(context.info);
  const stream = await call?.stream;
  if (!call || !stream) {
    throw ApplicationFailure.nonRetryable("This process has no call for the turn", "no-first-call");
  }
  const interrupt = () => call.interrupt();
  const signal = AbortSignal.any([context.cancellationSignal, running.signal]);
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  return await conclude(dependencies, { call, stream }, input);
}

/** States how the call ended, as soon as it has. */
async function conclude(
  dependencies: Dependencies,
  { call, stream }: { call: StartedCall; stream: AttemptStream },
  input: CallModelInput,
): Promise<CallModelResult> {
  try {
    const outcome = await call.outcome;
    return await concludeAttempt(
      dependencies,
      { ...input, candidate: call.candidate },
      { type: "begun", attempt: 1, partialText: "" },
      { answer: call.answer, stream, outcome, isStopRequested: call.stopRequest.aborted },
    );
  } finally {
    call.release();
  }
}
