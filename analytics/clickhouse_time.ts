/** Times as ClickHouse takes them. */

/** @returns The time as ClickHouse reads it into a column in UTC. */
export function clickHouseTime(time: Date): string {
  return time.toISOString().replace("T", " ").slice(0, -1);
}
