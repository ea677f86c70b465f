import assert from "node:assert/strict";
import { openSqliteStore } from "../../events/store/sqlite_store.ts";
import { withStore } from "../../events/store/temporary_store.ts";
import { storeTarget, withExperimentsInStore } from "./targets.ts";
import { trafficDefaults } from "./traffic_options.ts";
import { writeTraffic } from "./write_traffic.ts";

Deno.test("made-up conversations go into the store, where the app finds them", async () => {
  const folder = await Deno.makeTempDir({ prefix: "turnlog_seed_" });
  const target = storeTarget(`${folder}/turnlog.db`);
  try {
    assert.equal(await target.whatIsThere(), null);
    const options = { ...trafficDefaults, events: 1000, untilMs: Date.now(), timeZone: "UTC" };
    const written = await writeTraffic(options, target, () => {});
    assert.equal(await target.whatIsThere(), "turns");
    const store = openSqliteStore(`${folder}/turnlog.db`);
    const { turnIds } = await store.endedTurns({
      from: "1970-01-01T00:00:00.000Z",
      to: "9999-12-31T00:00:00.000Z",
      limit: written.turns,
    });
    const turn = await store.turn(turnIds[0]);
    assert.match(turn!.conversationId, /^seed-/);
    assert.notEqual((await store.conversation(turn!.conversationId))!.title, null);
    await store.close();
  } finally {
    await target.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("how an experiment stands goes into the store, wherever the other events go", () =>
  withStore(async (store, path) => {
    let elsewhere = 0;
    const target = withExperimentsInStore({
      batchLength: 100,
      whatIsThere: () => Promise.resolve(null),
      write: (events) => Promise.resolve(void (elsewhere += events.length)),
      close: () => Promise.resolve(),
    }, path);
    const options = { ...trafficDefaults, events: 1000, untilMs: Date.now(), timeZone: "UTC" };
    const written = await writeTraffic(options, target, () => {});
    assert.equal(elsewhere, written.events);
    const stored = (await store.eventsAfter(0, 10)).map(({ body }) => JSON.parse(body));
    assert.deepEqual(stored.map(({ type }) => type), ["experiment.started", "experiment.stopped"]);
  }));
