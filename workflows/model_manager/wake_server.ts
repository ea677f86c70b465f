/** The step of a turn that wakes the server it wants to call. Runs inside the workflow. */
import { isCancellation, log, proxyActivities } from "@temporalio/workflow";
import type { Failure } from "../../events/contract/failure.ts";
import type { ModelServer } from "../../events/contract/model_change.ts";
import type { WaitInput } from "../activities.ts";
import type { ModelActivities } from "./model_activities.ts";

/** A big model that reads its weights from a disk takes minutes. */
const wakeMsMax = 10 * 60_000;
/** How often one call may find its server asleep: one that goes on falling asleep is not to be had. */
export const wakesMax = 3;

const { wakeForTurn } = proxyActivities<ModelActivities>({
  startToCloseTimeout: wakeMsMax,
  heartbeatTimeout: "3s",
  retry: { initialInterval: "100ms", maximumInterval: "5s", maximumAttempts: 20 },
});

/** @returns How a call failed whose server fell asleep under it: it is made again, and wakes the server first. */
export function fellAsleep(result: { outcome: string; failure?: Failure } | null): Failure | null {
  return result?.failure?.class === "asleep" ? result.failure : null;
}

/**
 * Tells the user that the turn waits for the wake, and waits for it.
 *
 * @param wakes How often the call has woken it already.
 * @returns Why the server cannot be called; null where it can.
 */
export async function wakeServer(
  turnId: string,
  server: ModelServer,
  wakes: number,
  waitTurn: (input: WaitInput) => Promise<void>,
): Promise<Failure | null> {
  const { provider } = server;
  if (wakes >= wakesMax) {
    return { class: "asleep", message: `${provider} fell asleep again each time it was woken up` };
  }
  const message = `${provider} is asleep and is being woken up`;
  const until = new Date(Date.now() + wakeMsMax).toISOString();
  await waitTurn({ turnId, until, reason: { class: "asleep", message } });
  try {
    return await wakeForTurn(server);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error("wakeForTurn failed", { provider, error });
    return { class: "asleep", message: `${provider} could not be woken up` };
  }
}
