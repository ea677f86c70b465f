/**
 * How all endpoints do, as the events tell everyone. Each process that calls providers or plans whom to call follows
 * the events, and so all know the same about 50 ms later. What becomes of it all is stated as events as well:
 * whoever first finds that an endpoint fails too often, or that it answers again, says so for all.
 */
import {
  createSystemEvent,
  type EventOf,
  type ProviderEndpoint,
  type SystemEventOf,
  type TurnlogEvent,
} from "../contract/event.ts";
import type { BreakerPolicy } from "../contract/turn_plan.ts";
import { endpointEventId } from "../event_id.ts";
import type { KafkaLog, ReceivedMessage, Subscription } from "../kafka/kafka_log.ts";
import { loggerOf } from "../logging.ts";
import type { EventStore } from "../store/event_store.ts";
import {
  type CircuitState,
  circuitState,
  consequenceOf,
  type EndpointHealth,
  evolveEndpoint,
  type HealthEvent,
  keyOfEndpoint,
  rememberedMs,
  unknownHealth,
} from "./endpoint_health.ts";
import { RunningCalls } from "./running_calls.ts";

const log = loggerOf("provider_health");

/** What is stated of an older attempt comes too late: others have said it, or it has passed. */
const newsMsMax = 10_000;
/** A probe that says nothing for longer is not waited for: its worker may have died. */
const probeMsMax = 30_000;
/** Endpoints that are remembered; beyond them the ones that were silent for longest are forgotten. */
const endpointsMax = 1000;
/** Attempts that are remembered, so that one which is heard twice counts once. */
const heardMax = 10_000;

type CoolDownEvent = SystemEventOf<"provider.cooled_down">;
type RecoveryEvent = SystemEventOf<"provider.recovered">;

export interface ProviderHealthOptions {
  /** Where changes are stated. */
  store: Pick<EventStore, "append">;
  /** The source of the events that are stated. */
  source: string;
  /** Told of each cool-down, once. */
  onCoolDown?(event: CoolDownEvent): void;
}

export class ProviderHealth {
  readonly #options: ProviderHealthOptions;
  readonly #endpoints = new Map<string, ProviderEndpoint & { health: EndpointHealth }>();
  readonly #running = new RunningCalls();
  readonly #heard = new Set<string>();
  /** Endpoint → when it is to be left alone: known for those that this process calls. */
  readonly #breakers = new Map<string, BreakerPolicy>();
  readonly #listeners = new Set<(provider: string) => void>();
  #subscription: Subscription | undefined;

  constructor(options: ProviderHealthOptions) {
    this.#options = options;
  }

  /** Hears from now on what others state, and first what they have stated before this process began. */
  async follow(kafka: KafkaLog): Promise<void> {
    this.#subscription = await kafka.follow({
      topic: "events",
      fromMs: Date.now() - rememberedMs,
      onMessage: (message) => hearMessage(this, message),
    });
  }

  /** Takes in an event: from the topic, or sooner where this process has stored it. Events of no concern are passed over. */
  hear(event: TurnlogEvent): void {
    switch (event.type) {
      case "attempt.started":
        return this.#running.hear(event);
      case "attempt.completed":
      case "attempt.failed":
        this.#running.hear(event);
        return this.#hearEnd(event);
      case "provider.cooled_down":
      case "provider.recovered":
        return this.#hearChange(event);
    }
  }

  healthOf(endpoint: ProviderEndpoint): EndpointHealth {
    return this.#endpoints.get(keyOfEndpoint(endpoint))?.health ?? unknownHealth;
  }

  stateOf(endpoint: ProviderEndpoint): CircuitState {
    return circuitState(this.healthOf(endpoint), Date.now());
  }

  /** Calls of all workers that are under way there. */
  inFlight(endpoint: ProviderEndpoint): number {
    return this.#running.count(keyOfEndpoint(endpoint));
  }

  /** Calls of all workers that are under way anywhere. */
  get callsUnderWay(): number {
    return this.#running.total;
  }

  /** @returns Whether some worker is trying out the endpoint, which has cooled down. */
  isProbed(endpoint: ProviderEndpoint): boolean {
    const { coolDown } = this.healthOf(endpoint);
    if (coolDown === null) return false;
    const fromMs = Math.max(coolDown.untilMs, Date.now() - probeMsMax);
    return this.#running.hasBegun(keyOfEndpoint(endpoint), fromMs);
  }

  /** Endpoints that events have told of. */
  endpoints(): ProviderEndpoint[] {
    return [...this.#endpoints.values()].map(({ provider, endpoint }) => ({ provider, endpoint }));
  }

  /** From now on this process says when the endpoint is to be left alone. */
  watch(endpoint: ProviderEndpoint, breaker: BreakerPolicy): void {
    this.#breakers.set(keyOfEndpoint(endpoint), breaker);
  }

  /** States that an endpoint which had cooled down answers; nothing where it had not. */
  recover({ provider, endpoint }: ProviderEndpoint): void {
    const { coolDown } = this.healthOf({ provider, endpoint });
    if (coolDown === null) return;
    const cooledDownMs = Date.now() - coolDown.sinceMs;
    this.#state(createSystemEvent({
      ...this.#envelope({ provider, endpoint }),
      type: "provider.recovered",
      data: { provider, endpoint, cooledDownMs },
    }));
  }

  /** Calls back with a provider's name when one of its endpoints was opened or closed. */
  onChange(listener: (provider: string) => void): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    await this.#subscription?.stop();
  }

  #hearEnd(event: EventOf<"attempt.completed"> | EventOf<"attempt.failed">): void {
    const { provider, endpoint } = event.data;
    if (endpoint === undefined || !this.#isNew(event.id)) return;
    const health = this.#fold({ provider, endpoint }, event);
    const breaker = this.#breakers.get(keyOfEndpoint({ provider, endpoint }));
    if (breaker === undefined || Date.now() - Date.parse(event.time) > newsMsMax) return;
    const consequence = consequenceOf(health, event, { breaker, random: Math.random() });
    if (consequence?.type === "recovery") return this.recover({ provider, endpoint });
    if (consequence === null || event.type !== "attempt.failed") return;
    const { error: reason } = event.data;
    const until = new Date(Date.now() + consequence.forMs).toISOString();
    log.warn("{provider} is not called until {until}: {message}", { provider, until, ...reason });
    this.#state(createSystemEvent({
      ...this.#envelope({ provider, endpoint }),
      type: "provider.cooled_down",
      data: { provider, endpoint, until, reason, failures: health.failures },
    }));
  }

  #hearChange(event: CoolDownEvent | RecoveryEvent): void {
    const { provider, endpoint } = event.data;
    const before = this.healthOf({ provider, endpoint }).changedBy?.id;
    this.#fold({ provider, endpoint }, event);
    if (event.type === "provider.cooled_down" && event.id !== before) {
      this.#options.onCoolDown?.(event);
    }
    for (const listener of this.#listeners) listener(provider);
  }

  #fold(endpoint: ProviderEndpoint, event: HealthEvent): EndpointHealth {
    const key = keyOfEndpoint(endpoint);
    const health = evolveEndpoint(this.healthOf(endpoint), event);
    // Set anew, so that the ones that were silent for longest come first.
    this.#endpoints.delete(key);
    this.#endpoints.set(key, { ...endpoint, health });
    dropOldest(this.#endpoints, endpointsMax);
    return health;
  }

  #isNew(id: string): boolean {
    if (this.#heard.has(id)) return false;
    this.#heard.add(id);
    dropOldest(this.#heard, heardMax);
    return true;
  }

  /** Believed here at once; where another process was quicker, its word is heard in place of this one. */
  #state(change: CoolDownEvent | RecoveryEvent): void {
    this.#hearChange(change);
    this.#options.store.append([change]).catch((error) => {
      const { provider } = change.data;
      log.warn("Could not tell others that {provider} has changed", { provider, error });
    });
  }

  #envelope({ provider, endpoint }: ProviderEndpoint) {
    return {
      id: this.#nextId({ provider, endpoint }),
      source: this.#options.source,
      subject: `provider/${provider}`,
    };
  }

  /**
   * What follows one change has one id, so that the store keeps one of several. A change that is too old for a process
   * that starts now to know of does not count: the time does, in pieces as long as that.
   */
  #nextId({ provider, endpoint }: ProviderEndpoint): string {
    const { changedBy } = this.healthOf({ provider, endpoint });
    const nowMs = Date.now();
    const before = changedBy !== null && nowMs - changedBy.atMs < rememberedMs
      ? changedBy.id
      : String(Math.floor(nowMs / rememberedMs));
    return endpointEventId(provider, endpoint, before);
  }
}

/** Drops from the front of a map or set, where the oldest stand, what is too much. */
function dropOldest(
  items: { size: number; keys(): Iterable<string>; delete(key: string): boolean },
  max: number,
): void {
  for (const key of items.keys()) {
    if (items.size <= max) return;
    items.delete(key);
  }
}

/** As far into a message as its type stands: whole answers need not be read to know that they are of no concern. */
const headLength = 200;
const concern = /"type":"(attempt\.(started|completed|failed)|provider\.(cooled_down|recovered))"/;

function hearMessage(health: ProviderHealth, { value }: ReceivedMessage): void {
  if (value === null) return;
  const decoder = new TextDecoder();
  if (!concern.test(decoder.decode(value.subarray(0, headLength)))) return;
  try {
    health.hear(JSON.parse(decoder.decode(value)));
  } catch (error) {
    // Ingestion keeps it among the dead letters; here it must not come again and again.
    log.warn("Passed over a message that is no event", { error });
  }
}
