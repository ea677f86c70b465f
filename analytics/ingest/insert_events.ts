/** Inserts events, each as a row of `events` and, where it has texts, as one of `event_texts`. */
import type { ClickHouseClient } from "../clickhouse.ts";
import type { CountedEvent } from "./duplicates.ts";
import { readEventRows } from "./event_row.ts";
import { notAnEvent, NotAnEventError } from "./fields.ts";
import { insertRows, type NamedRow, type Refused } from "./insert_rows.ts";
import type { BatchContext } from "./retry.ts";

/** An event, named by its id, with its row of `events`. */
export interface InsertableEvent extends NamedRow {
  /** Its row of `event_texts` as JSON; null where nobody wrote anything. */
  textsJson: string | null;
}

/**
 * Reads a message of the topic of events.
 *
 * @param isRebuilt Whether it is inserted long after it came, so that it does not tell how long events take.
 * @throws NotAnEventError, and nothing else: whatever reading a message throws, as where it is nested too deeply for
 * JavaScript, it would throw each time, and keep all that stands behind it out of ClickHouse.
 */
export function readInsertable(
  value: Uint8Array | null,
  { isRebuilt = false } = {},
): InsertableEvent & CountedEvent {
  try {
    const { event, texts } = readEventRows(value);
    return {
      id: event.event_id,
      type: String(event.event_type),
      time: String(event.event_time),
      json: JSON.stringify(isRebuilt ? { ...event, is_rebuilt: true } : event),
      textsJson: texts && JSON.stringify(texts),
    };
  } catch (error) {
    if (error instanceof NotAnEventError) throw error;
    throw notAnEvent(`The message cannot be read: ${error}`);
  }
}

/**
 * Returns when all events are in their tables but those that ClickHouse refuses. An event's texts follow its row, so that
 * there are none of an event that was refused; one whose texts alone are refused keeps its row.
 */
export async function insertEvents<Event extends InsertableEvent>(
  clickHouse: ClickHouseClient,
  events: Event[],
  context: BatchContext,
): Promise<Refused<Event>[]> {
  const refused = await insertRows(clickHouse, "events", events, context);
  const without = new Set(refused.map((each) => each.refused));
  const texts = events.flatMap((event) =>
    event.textsJson === null || without.has(event)
      ? []
      : [{ id: event.id, json: event.textsJson, event }]
  );
  const refusedTexts = await insertRows(clickHouse, "event_texts", texts, context);
  return [
    ...refused,
    ...refusedTexts.map(({ refused: { event }, reason }) => ({ refused: event, reason })),
  ];
}
