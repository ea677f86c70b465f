/**
 * Plausible months of a chat product, as the events that Turnlog would have stated. The same options make the same
 * events. Those of a conversation come in their order, conversations in the order in which their users began.
 */
import type { SystemEvent, TurnlogEvent } from "../../events/contract/event.ts";
import { hoursOf } from "./calendar.ts";
import { chat, type Surroundings } from "./conversation.ts";
import { experimentEvents } from "./experiment.ts";
import { eventsOfOutage, makeOutages } from "./outages.ts";
import { Crowd, makePeople } from "./people.ts";
import { Random } from "./random.ts";
import { sampledComponents, samplesOf } from "./samples.ts";
import type { TrafficOptions } from "./traffic_options.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** As it comes about by the shares in `conversation.ts` and `turn.ts`. */
const eventsPerConversation = 15.5;
const turnsPerConversation = 2.9;
const conversationsPerUser = 12;
/** A real installation samples itself each half minute, which here would be most of the events. */
const samplesShareMax = 0.1;

export function* makeTraffic(options: TrafficOptions): Generator<TurnlogEvent> {
  const { untilMs, days, experiment } = options;
  const random = new Random(options.seed);
  const fromMs = untilMs - days * dayMs;
  // A turn of the experiment states that it is one.
  const exposuresPerConversation = turnsPerConversation * (experiment?.runningShare ?? 0);
  const hours = hoursOf(options);
  const hoursPerSample = Math.ceil(
    hours.length * sampledComponents / (options.events * samplesShareMax),
  );
  const samples = hours.length / hoursPerSample * sampledComponents;
  const conversations = (options.events - samples) /
    (eventsPerConversation + exposuresPerConversation);
  const count = options.users ?? Math.max(3, Math.round(conversations / conversationsPerUser));
  const people = makePeople(random, { count, fromMs, untilMs, experiment });
  const outages = makeOutages(random, hours);
  const experimentFromMs = untilMs - (experiment?.runningShare ?? 0) * days * dayMs;
  const surroundings: Surroundings = { outages, experiment, experimentFromMs };
  const ofSystem: SystemEvent[] = outages.flatMap((outage) => eventsOfOutage(random, outage));
  if (experiment) {
    ofSystem.push(...experimentEvents(random, experiment, { fromMs: experimentFromMs, untilMs }));
  }
  ofSystem.sort((a, b) => a.time < b.time ? -1 : 1);

  let crowd = new Crowd(people, fromMs);
  let nextOfSystem = 0;
  for (const [index, hour] of hours.entries()) {
    if (index % 24 === 0) crowd = new Crowd(people, hour.startMs);
    const endMs = hour.startMs + hourMs;
    nextOfSystem = yield* upTo(ofSystem, nextOfSystem, endMs);
    if (index % hoursPerSample === 0) yield* samplesOf(random, hour);
    const starts = Array.from(
      { length: random.round(conversations * hour.share) },
      () => hour.startMs + random.next() * hourMs,
    ).sort((a, b) => a - b);
    for (const startMs of starts) {
      const person = crowd.pick(random);
      const events = chat(random, surroundings, person, { startMs, rush: hour.rush });
      // What would not be over by then has not been begun.
      if (Date.parse(events.at(-1)!.time) > untilMs) person.latest = null;
      else yield* events;
    }
  }
}

/** @returns The place of the first one that is not yet due. */
function* upTo(
  events: readonly SystemEvent[],
  from: number,
  endMs: number,
): Generator<TurnlogEvent, number> {
  let next = from;
  for (; next < events.length && Date.parse(events[next].time) < endMs; next++) yield events[next];
  return next;
}
