/** The calls of one process at each endpoint, and which of several endpoints the next one goes to. */
import type { ProviderEndpoint } from "../contract/event.ts";
import type { Candidate } from "../contract/turn_plan.ts";
import { chooseEndpoint } from "./choose_endpoint.ts";
import { keyOfEndpoint } from "./endpoint_health.ts";
import type { ProviderHealth } from "./provider_health.ts";
import { ServerLoads } from "./server_loads.ts";

/** One endpoint; for a provider that calls nothing, the one without a name stands for it. */
export interface Place extends ProviderEndpoint {
  inFlight: number;
  /** The call that tries whether it answers again; null while none does. */
  probe: object | null;
  lastChosenMs: number;
  /** Calls since the server last said how much it has to do. */
  sinceLoad: { atMs: number; calls: number };
}

export class EndpointPlaces {
  readonly #health: ProviderHealth;
  readonly #loads = new ServerLoads();
  /** As many as there are endpoints in `turnlog.yaml` and in the plans that are under way. */
  readonly #places = new Map<string, Place>();

  constructor(health: ProviderHealth) {
    this.#health = health;
  }

  at(provider: string, endpoint: string): Place {
    const key = keyOfEndpoint({ provider, endpoint });
    let place = this.#places.get(key);
    if (place === undefined) {
      const sinceLoad = { atMs: 0, calls: 0 };
      place = { provider, endpoint, inFlight: 0, probe: null, lastChosenMs: 0, sinceLoad };
      this.#places.set(key, place);
    }
    return place;
  }

  list(): Pick<Place, "provider" | "endpoint" | "inFlight">[] {
    return [...this.#places.values()].map(({ provider, endpoint, inFlight }) => ({
      provider,
      endpoint,
      inFlight,
    }));
  }

  /** @param endpoints At least one. */
  choose({ provider, vllm }: Candidate, endpoints: string[]): string {
    if (endpoints.length === 1) return endpoints[0];
    const options = endpoints.map((endpoint) => {
      const place = this.at(provider, endpoint);
      return {
        endpoint,
        inFlight: Math.max(place.inFlight, this.#health.inFlight({ provider, endpoint })),
        serverLoad: vllm ? this.#serverLoad(place) : null,
        lastFailedMs: this.#health.healthOf({ provider, endpoint }).lastFailedMs,
        lastChosenMs: place.lastChosenMs,
      };
    });
    return chooseEndpoint(options, Date.now());
  }

  #serverLoad(place: Place): number | null {
    const load = this.#loads.read(place.endpoint);
    if (load === null) return null;
    if (load.atMs !== place.sinceLoad.atMs) place.sinceLoad = { atMs: load.atMs, calls: 0 };
    return load.requests + place.sinceLoad.calls;
  }
}
