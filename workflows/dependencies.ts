/** What the activities work with; made once by the worker. */
import type { ResolveKey } from "../events/key_reference.ts";
import type { ProviderAdmission } from "../events/provider_health/provider_admission.ts";
import type { ProviderHealth } from "../events/provider_health/provider_health.ts";
import type { EventStore } from "../events/store/event_store.ts";
import type { DeltaPublisher } from "./delta_publisher.ts";
import type { PublishedTextReader } from "./published_text.ts";
import type { StopRequests } from "./stop_requests.ts";

export interface Dependencies {
  store: EventStore;
  publisher: DeltaPublisher;
  publishedText: PublishedTextReader;
  stopRequests: StopRequests;
  health: ProviderHealth;
  admission: ProviderAdmission;
  resolveKey: ResolveKey;
}
