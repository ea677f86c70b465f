import assert from "node:assert/strict";
import { migrate } from "../../analytics/migrate.ts";
import {
  createTemporaryDatabase,
  type TemporaryDatabase,
} from "../../analytics/testing/temporary_database.ts";
import { conversationExamples } from "../../events/contract/event_examples.ts";
import { clickHouseTarget, removeSeed } from "./targets.ts";
import { trafficDefaults } from "./traffic_options.ts";
import { writeTraffic } from "./write_traffic.ts";

const options = {
  ...trafficDefaults,
  events: 3000,
  untilMs: Date.UTC(2026, 10, 24, 12),
  timeZone: "Europe/Berlin",
};

Deno.test("made-up events go into ClickHouse once each, and out again without those of users", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  const target = clickHouseTarget(database.url);
  try {
    assert.equal(await target.whatIsThere(), null);
    const { events } = await writeTraffic(options, target, () => {});
    assert.match(await target.whatIsThere() ?? "", /messages that were made up before/);
    const madeUp = await count(database);
    assert.equal(madeUp.events, events);

    // The same traffic again is the same events.
    await writeTraffic(options, target, () => {});
    assert.deepEqual(await count(database), madeUp);

    await target.write([...conversationExamples]);
    assert.equal(await target.whatIsThere(), "1 messages of users");
    const both = await count(database);
    assert.equal(await removeSeed(database.url), events);
    assert.deepEqual(await count(database), {
      events: both.events - madeUp.events,
      texts: both.texts - madeUp.texts,
    });
    assert.equal(both.events - madeUp.events, conversationExamples.length);

    await writeTraffic(options, target, () => {});
    assert.deepEqual(await count(database), both);
  } finally {
    await target.close();
  }
});

async function count(database: TemporaryDatabase): Promise<{ events: number; texts: number }> {
  const [counted] = await database.rows<{ events: number; texts: number }>(
    `SELECT (SELECT count() FROM events FINAL) AS events, (SELECT count() FROM event_texts FINAL) AS texts`,
  );
  return counted;
}
