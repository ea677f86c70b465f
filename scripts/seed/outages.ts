/** When providers are down, and what the system states of it: endpoints that cool down and recover. */
import {
  createSystemEvent,
  type ProviderEndpoint,
  type SystemEvent,
} from "../../events/contract/event.ts";
import type { Failure } from "../../events/contract/failure.ts";
import type { Hour } from "./calendar.ts";
import { endpoints, failureOf, outageFailures } from "./models.ts";
import type { Random } from "./random.ts";
import { seedSource } from "./source.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** From one outage to the next of the same endpoint, at least. */
const breathMs = 10 * minuteMs;

/** How often each endpoint is down, and for how long. */
const daysBetween = 5;
const outageMinutes = 22;
const outageMinutesMax = 120;

/** As `turnlog.yaml` has it where it says nothing: failures in a row, and the pauses, which double up to their longest. */
const breakerFailures = 5;
const cooldownMsFirst = 30_000;
const cooldownMsMax = 120_000;

export interface Outage extends ProviderEndpoint {
  fromMs: number;
  untilMs: number;
  failure: Failure;
}

/** @param hours Of the traffic: providers go down rather when they have much to do. */
export function makeOutages(random: Random, hours: readonly Hour[]): Outage[] {
  const weighted = hours.map((hour) => [hour, hour.share] as const);
  return endpoints.flatMap((endpoint) => {
    const count = random.round(hours.length / 24 / daysBetween);
    const starts = Array.from(
      { length: count },
      () => random.pickWeighted(weighted).startMs + random.next() * hourMs,
    ).sort((a, b) => a - b);
    const outages: Outage[] = [];
    for (const [index, startMs] of starts.entries()) {
      const minutes = Math.min(random.logNormal(outageMinutes, 0.8), outageMinutesMax);
      const nextMs = starts[index + 1] ?? hours.at(-1)!.startMs;
      // It is over before the next one begins, and before the traffic ends.
      const untilMs = Math.min(startMs + minutes * minuteMs, nextMs - breathMs);
      if (untilMs <= startMs) continue;
      const failure = failureOf(random.pickWeighted(outageFailures));
      outages.push({ ...endpoint, fromMs: startMs, untilMs, failure });
    }
    return outages;
  });
}

/** @returns Its cool-downs, each after a probe that failed, and its recovery. */
export function eventsOfOutage(random: Random, outage: Outage): SystemEvent[] {
  const { provider, endpoint, fromMs, untilMs, failure } = outage;
  const events: SystemEvent[] = [];
  const firstMs = fromMs + random.between(2_000, 20_000);
  let atMs = firstMs;
  for (let failures = breakerFailures; atMs < untilMs; failures++) {
    const cooldownMs = Math.min(cooldownMsFirst * 2 ** (failures - breakerFailures), cooldownMsMax);
    events.push(createSystemEvent({
      ...envelope(random, atMs),
      type: "provider.cooled_down",
      subject: `provider/${provider}`,
      data: {
        provider,
        endpoint,
        until: new Date(atMs + cooldownMs).toISOString(),
        reason: failure,
        failures,
      },
    }));
    atMs += cooldownMs + random.between(50, 2_000);
  }
  events.push(createSystemEvent({
    ...envelope(random, atMs),
    type: "provider.recovered",
    subject: `provider/${provider}`,
    data: { provider, endpoint, cooledDownMs: Math.round(atMs - firstMs) },
  }));
  return events;
}

function envelope(random: Random, atMs: number) {
  return { id: random.uuid(atMs), source: seedSource, time: new Date(atMs) };
}
