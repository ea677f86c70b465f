/** The copy of what is charted (`migrations/0014_first_models.sql`), made anew by whoever cannot wait for the next hour. */
import type { ClickHouseClient } from "./clickhouse.ts";

/** In this order: a copy is whole when the first has ended, and the second notes it. */
const refreshes = ["event_rollup_refresh", "event_rollup_copies_refresh"];

/**
 * Returns when a copy of the events that are there now is read. Needed where events were deleted: those that come are
 * noticed without it.
 *
 * @throws Error where a refresh fails; the copy before stays.
 */
export async function refreshRollup(clickHouse: ClickHouseClient): Promise<void> {
  for (const view of refreshes) {
    await clickHouse.command({ query: `SYSTEM REFRESH VIEW ${view}` });
    await clickHouse.command({ query: `SYSTEM WAIT VIEW ${view}` });
  }
}
