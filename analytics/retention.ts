/** How long ClickHouse keeps rows: a TTL of each table by its rows' own times, which ClickHouse carries out when it merges. */
import { type ClickHouseClient, rowsOf } from "./clickhouse.ts";

/** In days; 0 keeps for ever. */
export interface Retention {
  eventsDays: number;
  /** Of what people and models wrote, and of dead letters, which may hold it. */
  textsDays: number;
}

/** Brings the tables' TTLs to what is wanted; rows that are older already go with the next merges. */
export async function applyRetention(
  clickHouse: ClickHouseClient,
  { eventsDays, textsDays }: Retention,
): Promise<void> {
  await keepFor(clickHouse, { table: "events", time: "event_time", days: eventsDays });
  await keepFor(clickHouse, { table: "duplicates", time: "caught_at", days: eventsDays });
  await keepFor(clickHouse, { table: "event_texts", time: "event_time", days: textsDays });
  await keepFor(clickHouse, { table: "dead_letters", time: "message_time", days: textsDays });
}

interface TableRetention {
  table: string;
  /** The column with a row's time. */
  time: string;
  days: number;
}

/** Changes nothing where nothing is to be changed: a new TTL makes ClickHouse look at every part of the table. */
async function keepFor(clickHouse: ClickHouseClient, wanted: TableRetention): Promise<void> {
  if (await daysKept(clickHouse, wanted) === wanted.days) return;
  const { table, time, days } = wanted;
  const change = days === 0 ? "REMOVE TTL" : `MODIFY TTL ${time} + toIntervalDay(${days})`;
  try {
    await clickHouse.command({ query: `ALTER TABLE ${table} ${change}` });
  } catch (error) {
    // Another process that migrates may have been faster.
    if (await daysKept(clickHouse, wanted) !== days) throw error;
  }
}

async function daysKept(
  clickHouse: ClickHouseClient,
  { table, time }: TableRetention,
): Promise<number> {
  const [{ days }] = await rowsOf<{ days: number }>(
    clickHouse,
    `SELECT toUInt32OrZero(extract(engine_full, {ttl:String})) AS days
      FROM system.tables WHERE database = currentDatabase() AND name = {table:String}`,
    { table, ttl: `TTL ${time} \\+ toIntervalDay\\((\\d+)\\)` },
  );
  return days;
}
