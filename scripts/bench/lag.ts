/** How soon an event is in ClickHouse after it was appended, while turns come in at a steady rate. */
import { connectClickHouse, rowsOf } from "../../analytics/clickhouse.ts";
import { TurnClient } from "../load/turn_client.ts";
import { until } from "../load/until.ts";
import type { Stack } from "../stack.ts";
import type { Figure } from "./measurement.ts";

const turnsPerSecond = 20;
const seconds = 30;

export const models = `
providers:
  simulated: { kind: simulated }
models:
  demo: { provider: simulated, parameters: { firstTokenMs: 150, tokenMs: 15 } }
routes:
  default: { candidates: [demo] }
`;

export async function measureLag(stack: Stack): Promise<Figure[]> {
  const client = await TurnClient.connect(stack.url);
  const conversationId = await client.conversation();
  const count = turnsPerSecond * seconds;
  const turnIds = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 1000 / turnsPerSecond));
      const { turnId } = await client.send(conversationId, {
        text: `Turn ${index}`,
        parentTurnId: null,
      });
      return turnId;
    }),
  );
  for (const turnId of turnIds) await client.untilEnded(turnId, 60_000);
  const clickhouse = connectClickHouse(stack.addresses.clickhouse);
  try {
    const query = `SELECT count() AS events,
        quantile(0.5)(date_diff('millisecond', event_time, ingested_at)) AS p50,
        quantile(0.95)(date_diff('millisecond', event_time, ingested_at)) AS p95
      FROM events FINAL WHERE turn_id != ''`;
    const [{ p50, p95 }] = await until("all events are there", 60_000, async () => {
      const rows = await rowsOf<{ events: string; p50: number; p95: number }>(clickhouse, query);
      return Number(rows[0].events) >= count * 5 && rows;
    });
    const conditions = `at ${turnsPerSecond} turns a second`;
    return [
      {
        what: `an event's append until it is in ClickHouse, p50, ${conditions}`,
        value: p50,
        unit: "ms",
      },
      {
        what: `the same, p95`,
        value: p95,
        unit: "ms",
        against: { what: "aim", value: 2000 },
      },
    ];
  } finally {
    await clickhouse.close();
  }
}
