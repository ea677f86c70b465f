/** Inserts events, each as a row of `events` and, where it has texts, as one of `event_texts`. */
import type { ClickHouseClient } from "../clickhouse.ts";
import type { EventRows } from "./event_row.ts";
import { insertRows, type NamedRow, type Refused } from "./insert_rows.ts";
import type { BatchContext } from "./retry.ts";

/**
 * Returns when all events are in their tables but those that ClickHouse refuses. An event's texts follow its row, so that
 * nothing is kept of what was refused.
 */
export async function insertEvents<Event extends EventRows>(
  clickHouse: ClickHouseClient,
  events: Event[],
  context: BatchContext,
): Promise<Refused<Event & NamedRow>[]> {
  const rows = events.map((event) => ({ ...event, id: event.event.event_id, row: event.event }));
  const refused = await insertRows(clickHouse, "events", rows, context);
  const without = new Set(refused.map((each) => each.refused));
  const texts = rows.flatMap((row) =>
    row.texts === null || without.has(row) ? [] : [{ ...row, row: row.texts }]
  );
  return [...refused, ...await insertRows(clickHouse, "event_texts", texts, context)];
}
