/**
 * The activity `callModel`: one attempt to answer a turn. It streams the answer to the deltas topic, keeps Temporal told
 * how far it is, and states how it began and ended as events. What a provider does wrong is an outcome that the workflow
 * decides upon; Temporal itself only tries again when a worker or the store failed.
 */
import { ApplicationFailure, Context } from "@temporalio/activity";
import type { TurnState } from "../events/contract/conversation.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { beginAttempt, type CallModelInput, type CallModelResult } from "./attempt.ts";
import { callProvider, requestOf } from "./call_provider.ts";
import { concludeAttempt } from "./conclude_attempt.ts";
import type { Dependencies } from "./dependencies.ts";
import { unknownTurn } from "./failure_policy.ts";
import { heartbeatUntilDisposed } from "./heartbeat.ts";
import { closeOpenAttempt, type Progress, progressOf } from "./interrupted_attempt.ts";
import { openStreams } from "./metrics.ts";
import { type AsleepResult, asleepServer } from "./model_manager/sleep_watch.ts";
import { resultWithoutCall } from "./result_without_call.ts";
import { emptyAnswer } from "./stream_answer.ts";
import { pathToAnswer } from "./turn_path.ts";

/** How long a call waits for the api to store the message, which it does right after it has started the workflow. */
const messageMs = 100;
const messagePollMs = 5;

export async function callModel(
  dependencies: Dependencies,
  asked: CallModelInput,
): Promise<CallModelResult | AsleepResult> {
  const { store, resolveKey } = dependencies;
  const { turnId, timeouts, systemPrompt, parameters } = asked;
  const context = Context.current();
  using stopRequest = dependencies.stopRequests.signalOf(turnId);

  // Before there is news, what the execution before this one told is told again.
  const earlier: Progress | undefined = context.info.heartbeatDetails;
  let tellProgress = () => earlier;
  using _heartbeat = heartbeatUntilDisposed(context, () => tellProgress());

  const { userKey } = await requireMessage(store, turnId);
  const earlierCall = { heartbeat: earlier, candidate: asked.candidate };
  await closeOpenAttempt(dependencies, turnId, earlierCall);
  const signal = AbortSignal.any([stopRequest.signal, context.cancellationSignal]);
  const admission = await dependencies.admission.admit(asked.candidate, { userKey, signal });
  if (admission.type !== "admitted") {
    const isStopRequested = stopRequest.signal.aborted;
    return await resultWithoutCall(store, turnId, { admission, isStopRequested });
  }
  using _place = { [Symbol.dispose]: admission.release };
  const { candidate, answers } = admission;
  const server = await asleepServer(candidate, resolveKey);
  if (server !== null) return { outcome: "asleep", server };
  const input = { ...asked, candidate };
  const begun = await beginAttempt(store, input);
  if (begun.type === "ended") return begun.result;
  const { attempt, reason, partialText, continuing } = begun;

  const stream = dependencies.publisher.openStream(turnId, attempt);
  stream.start({
    type: "attempt-start",
    attempt,
    provider: candidate.provider,
    model: candidate.model,
    ...(reason && { reason }),
    ...(partialText !== "" && { continues: partialText.length }),
  });

  const answer = emptyAnswer();
  tellProgress = () => progressOf(attempt, answer, !dependencies.publisher.isBehind);
  openStreams.inc();
  try {
    const path = await pathToAnswer(store, turnId);
    const request = requestOf(path.slice(0, -1), path.at(-1)!);
    const call = { turnId, candidate, attempt, timeouts, systemPrompt, parameters };
    const outcome = await callProvider(
      resolveKey,
      { ...call, ...request, partialText, continuing },
      {
        answer,
        signal,
        onDelta: (delta) => {
          answers();
          stream.add(delta);
        },
      },
    );
    return await concludeAttempt(dependencies, input, begun, {
      answer,
      stream,
      outcome,
      isStopRequested: stopRequest.signal.aborted,
    });
  } finally {
    // Where its end could not be stated, another worker will.
    stream.abandon();
    openStreams.dec();
  }
}

/** @throws ApplicationFailure of type {@linkcode unknownTurn} where the message is not stored. */
async function requireMessage(store: EventStore, turnId: string): Promise<TurnState> {
  for (let waitedMs = 0;; waitedMs += messagePollMs) {
    const turn = await store.turn(turnId);
    if (turn !== null) return turn;
    if (waitedMs >= messageMs) {
      throw ApplicationFailure.nonRetryable(`Turn ${turnId} is not in the store`, unknownTurn);
    }
    await Context.current().sleep(messagePollMs);
  }
}
