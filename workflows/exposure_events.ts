/** The events that tell that a turn has come to where the variants of an experiment differ. */
import {
  type ConversationEvent,
  createEvent,
  type EventSubject,
} from "../events/contract/event.ts";
import type { PlannedExposure } from "../events/contract/turn_plan.ts";
import { exposureEventId } from "../events/event_id.ts";
import { eventSource, subjectOf } from "./turn_events.ts";

/** To be appended with what the turn states anyway; what was stated before is not stated again. */
export function exposureEvents(
  turn: Omit<EventSubject, "attempt"> & { turnId: string },
  exposures: readonly PlannedExposure[] = [],
  attempt?: number,
): ConversationEvent[] {
  return exposures.map(({ fromCandidate: _, ...exposure }) =>
    createEvent({
      id: exposureEventId(turn.turnId, exposure.experiment),
      source: eventSource,
      type: "variant.exposed",
      subject: subjectOf(turn, attempt),
      data: exposure,
    })
  );
}
