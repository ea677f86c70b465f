/** Inserts events, each as a row of `events` and, where it has texts, as one of `event_texts`. */
import type { ClickHouseClient } from "../clickhouse.ts";
import type { EventRows } from "./event_row.ts";
import { insertRows, type NamedRow, type Refused } from "./insert_rows.ts";
import type { BatchContext } from "./retry.ts";

/** An event, named by its id, with its row of `events`. */
export interface InsertableEvent extends NamedRow {
  /** Its row of `event_texts` as JSON; null where nobody wrote anything. */
  textsJson: string | null;
}

export function insertable({ event, texts }: EventRows): InsertableEvent {
  return {
    id: event.event_id,
    json: JSON.stringify(event),
    textsJson: texts && JSON.stringify(texts),
  };
}

/**
 * Returns when all events are in their tables but those that ClickHouse refuses. An event's texts follow its row, so that
 * nothing is kept of what was refused.
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
