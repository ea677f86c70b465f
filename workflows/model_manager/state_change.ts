/** States that a model is in another state now. */
import { createSystemEvent, type ModelState } from "../../events/contract/event.ts";
import type { ModelServer } from "../../events/contract/model_change.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { activityEventId, eventSource } from "../turn_events.ts";

/** A change of state that was made or found. */
export interface StatedChange {
  server: ModelServer;
  /** As the server calls it. */
  model: string;
  from: ModelState;
  to: ModelState;
  reason: string;
  durationMs: number | null;
}

export async function stateChange(
  store: Pick<EventStore, "append">,
  change: StatedChange,
): Promise<void> {
  const { server: { provider, baseUrl }, model, ...data } = change;
  await store.append([createSystemEvent({
    id: activityEventId(`${data.from}-${data.to}`),
    source: eventSource,
    type: "model.state_changed",
    subject: `provider/${provider}`,
    data: { provider, endpoint: baseUrl, requestModel: model, ...data },
  })]);
}
