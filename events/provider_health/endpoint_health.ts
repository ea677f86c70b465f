/**
 * How an endpoint of a provider does: a fold of the events that tell of it. Pure, so that every process that hears the
 * same events knows the same. An endpoint is closed (it is called), open (it cools down and is not called) or half-open
 * (the time is over, and one call at a time tries whether it answers again).
 */
import type { EventOf, ProviderEndpoint, SystemEventOf } from "../contract/event.ts";
import type { Failure, FailureClass } from "../contract/failure.ts";
import type { BreakerPolicy } from "../contract/turn_plan.ts";

type AttemptEvent = EventOf<"attempt.completed"> | EventOf<"attempt.failed">;

/** The events that tell how an endpoint does. */
export type HealthEvent =
  | AttemptEvent
  | SystemEventOf<"provider.cooled_down">
  | SystemEventOf<"provider.recovered">;

export interface EndpointHealth {
  /** Calls that failed in a row, each within {@linkcode rememberedMs} of the one before. */
  failures: number;
  lastFailedMs: number | null;
  coolDown: CoolDown | null;
  /** The last event that opened or closed it. */
  changedBy: { id: string; atMs: number } | null;
}

export interface CoolDown {
  /** When it was closed for the last time, by the clock of the worker that said so. */
  sinceMs: number;
  untilMs: number;
  /** How often in a row it has cooled down without an answer between. */
  times: number;
  reason: Failure;
}

export type CircuitState = "closed" | "half-open" | "open";

/** What is older tells nothing any more, and a process that starts need not hear of it. Longer than any cool-down. */
export const rememberedMs = 5 * 60_000;
/** However often probes fail, and whatever the provider asks for. */
export const coolDownMsMax = 120_000;
/** A provider that asks to come back sooner is not worth a cool-down. */
const retryAfterMsMin = 1000;

export const unknownHealth: EndpointHealth = {
  failures: 0,
  lastFailedMs: null,
  coolDown: null,
  changedBy: null,
};

export function circuitState({ coolDown }: EndpointHealth, nowMs: number): CircuitState {
  if (coolDown === null) return "closed";
  return nowMs < coolDown.untilMs ? "open" : "half-open";
}

export function evolveEndpoint(health: EndpointHealth, event: HealthEvent): EndpointHealth {
  switch (event.type) {
    case "attempt.completed":
    case "attempt.failed":
      return afterAttempt(health, event);
    case "provider.cooled_down":
      return {
        failures: event.data.failures,
        lastFailedMs: Date.parse(event.time),
        coolDown: {
          sinceMs: health.coolDown?.sinceMs ?? Date.parse(event.time),
          untilMs: Date.parse(event.data.until),
          times: timesBefore(health, event) + 1,
          reason: event.data.reason,
        },
        changedBy: { id: event.id, atMs: Date.parse(event.time) },
      };
    case "provider.recovered":
      return { ...unknownHealth, changedBy: { id: event.id, atMs: Date.parse(event.time) } };
  }
}

/** Events of different turns do not come in the order of their times: what is older than what is known is no news. */
function afterAttempt(health: EndpointHealth, attempt: AttemptEvent): EndpointHealth {
  const atMs = Date.parse(attempt.time);
  const { lastFailedMs, changedBy } = health;
  if (changedBy !== null && atMs <= changedBy.atMs) return health;
  switch (verdictOf(attempt)) {
    case "none":
      return health;
    case "answered":
      return atMs < (lastFailedMs ?? 0) ? health : { ...health, failures: 0 };
    case "failed": {
      const isInRow = lastFailedMs !== null && atMs - lastFailedMs < rememberedMs;
      return {
        ...health,
        failures: isInRow ? health.failures + 1 : 1,
        lastFailedMs: Math.max(atMs, lastFailedMs ?? 0),
      };
    }
  }
}

/** An event that is heard again is the same cool-down, not a further one. */
function timesBefore(
  { coolDown, changedBy }: EndpointHealth,
  { id }: SystemEventOf<"provider.cooled_down">,
): number {
  if (coolDown === null) return 0;
  return changedBy?.id === id ? coolDown.times - 1 : coolDown.times;
}

/** Whether a failure tells that the endpoint does not do its work; `none`: it says nothing about the endpoint. */
const failureVerdicts: Record<FailureClass, "failed" | "none"> = {
  "rate-limited": "failed",
  "overloaded": "failed",
  "unreachable": "failed",
  "timed-out": "failed",
  "stalled": "failed",
  "cut-off": "failed",
  // The turn wakes it.
  "asleep": "none",
  "context-too-long": "none",
  "refused": "none",
  // It is about a key, and often about one model: others may well be answered.
  "bad-credentials": "none",
  "bad-request": "none",
  "interrupted": "none",
  "internal": "none",
};

function verdictOf({ type, data }: AttemptEvent): "answered" | "failed" | "none" {
  if (type === "attempt.completed") {
    const isSilent = data.finishReason.unified === "stopped" && data.timeToFirstTokenMs === null;
    return isSilent ? "none" : "answered";
  }
  const verdict = failureVerdicts[data.error.class];
  // Whoever refuses a request with a status is there.
  return verdict === "none" && data.error.status !== undefined ? "answered" : verdict;
}

/**
 * What follows from an attempt that has just been folded: whether the endpoint is to cool down, or has recovered.
 *
 * @param health With the attempt in it.
 * @param random From 0 to 1: endpoints that fail together need not be tried together.
 */
export function consequenceOf(
  health: EndpointHealth,
  attempt: AttemptEvent,
  { breaker, random }: { breaker: BreakerPolicy; random: number },
): { type: "cool-down"; forMs: number } | { type: "recovery" } | null {
  const { coolDown, failures } = health;
  const verdict = verdictOf(attempt);
  const startedMs = Date.parse(attempt.time) - attempt.data.durationMs;
  // What began before the probe is no news.
  if (coolDown !== null && startedMs < coolDown.untilMs) return null;
  if (verdict === "answered" && coolDown !== null) return { type: "recovery" };
  if (verdict !== "failed" || attempt.type !== "attempt.failed") return null;
  const { retryAfterMs = 0 } = attempt.data.error;
  if (retryAfterMs >= retryAfterMsMin) {
    return { type: "cool-down", forMs: Math.min(retryAfterMs, coolDownMsMax) };
  }
  if (coolDown === null && failures < breaker.failures) return null;
  const ceilingMs = Math.min(breaker.cooldownMs * 2 ** (coolDown?.times ?? 0), coolDownMsMax);
  return { type: "cool-down", forMs: Math.round(ceilingMs * (0.8 + random * 0.2)) };
}

/** @returns One text for each endpoint, as a key of maps. */
export function keyOfEndpoint({ provider, endpoint }: ProviderEndpoint): string {
  return `${provider} ${endpoint}`;
}
