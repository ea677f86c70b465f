/** What becomes of a call for which there was no place: nobody is called, and nothing is stated. */
import { Context } from "@temporalio/activity";
import type { Admission, AdmittedCall } from "../events/provider_health/provider_admission.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { type CallModelResult, earlierResult, isCancelledByWorkflow } from "./attempt.ts";
import { interruption } from "./interrupted_attempt.ts";

/** @throws ApplicationFailure where the worker ended while the call waited. */
export async function resultWithoutCall(
  store: EventStore,
  turnId: string,
  { admission, isStopRequested }: {
    admission: Exclude<Admission, AdmittedCall>;
    /** Whether the user stopped the turn, by the quick way. */
    isStopRequested: boolean;
  },
): Promise<CallModelResult> {
  const turn = await store.turn(turnId);
  const earlier = turn && earlierResult(turn);
  if (earlier) return earlier;
  if (admission.type === "refused") {
    return { outcome: "failed", failure: admission.failure, skipped: true };
  }
  if (isStopRequested || isCancelledByWorkflow(Context.current())) return { outcome: "stopped" };
  throw interruption();
}
