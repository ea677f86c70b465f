/** What waits in a process that calls providers and states events, for its samples. */
import type { SystemSample } from "../contract/event.ts";
import type { EventStore } from "../store/event_store.ts";
import type { ProviderAdmission } from "./provider_admission.ts";

export async function measureCalls(
  admission: ProviderAdmission,
  store: EventStore,
): Promise<Partial<SystemSample>> {
  return {
    callsUnderWay: admission.places().reduce((sum, { inFlight }) => sum + inFlight, 0),
    callsWaiting: admission.queueLengths().reduce((sum, { queued }) => sum + queued, 0),
    eventsUnpublished: await store.unpublishedCount(),
  };
}
