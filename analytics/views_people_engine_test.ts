/** Who uses the product and what they think of it: the views against counts made by hand from `told_turns.ts`. */
import assert from "node:assert/strict";
import { threeWeeks, toldTurns } from "./testing/told_turns.ts";
import { createViewDatabase } from "./testing/view_database.ts";

Deno.test("the views of people", async (test) => {
  await using database = await createViewDatabase(toldTurns);

  await test.step("active_users counts users and not turns, and knows who was here before the range", async () => {
    const rows = await database.view("active_users", threeWeeks);
    assert.equal(rows.length, 21);
    assert.deepEqual(rows.filter(({ active_users }) => active_users !== 0), [
      // Ann had sent a message in October; Ben sent two.
      { time: "2026-11-02 00:00:00", active_users: 2, new_users: 1, returning_users: 1 },
      { time: "2026-11-03 00:00:00", active_users: 2, new_users: 2, returning_users: 0 },
      { time: "2026-11-09 00:00:00", active_users: 1, new_users: 0, returning_users: 1 },
      { time: "2026-11-10 00:00:00", active_users: 1, new_users: 0, returning_users: 1 },
    ]);
  });

  await test.step("active_users takes as new whoever is new within the range, not within the bucket", async () => {
    // Ben's first message is an hour before this range, on the same day.
    const range = { from: "2026-11-02T10:01:00Z", to: "2026-11-03T00:00:00Z" };
    assert.deepEqual(await database.view("active_users", range), [
      { time: "2026-11-02 00:00:00", active_users: 1, new_users: 0, returning_users: 1 },
    ]);
  });

  await test.step("retention_by_week counts who of a week's new users sent a message in a later one", async () => {
    // Ben, Cem and a program were new; Cem came back a week later. Ben's next message is after the range.
    const week = { time: "2026-11-02 00:00:00", users: 3 };
    assert.deepEqual(await database.view("retention_by_week", threeWeeks), [
      { ...week, weeks_later: 1, later: "1 week later", retained_users: 1, retention: 1 / 3 },
      { ...week, weeks_later: 2, later: "2 weeks later", retained_users: 0, retention: 0 },
    ]);
  });

  await test.step("retention_by_week leaves out a week that is not over", async () => {
    const rows = await database.view("retention_by_week", {
      ...threeWeeks,
      to: "2026-11-22T23:59:59Z",
    });
    assert.deepEqual(rows.map(({ weeks_later }) => weeks_later), [1]);
  });

  await test.step("conversation_lengths counts people's conversations by how many turns they have had", async () => {
    assert.deepEqual(await database.view("conversation_lengths", threeWeeks), [
      // Ann's second turn came a week later; Ben's asks for another answer. Both had two.
      { time: "2026-11-02 00:00:00", length_class: "2–3 turns", conversations: 2, turns: 4 },
      { time: "2026-11-03 00:00:00", length_class: "1 turn", conversations: 1, turns: 1 },
      { time: "2026-11-10 00:00:00", length_class: "1 turn", conversations: 1, turns: 1 },
    ]);
  });

  await test.step("conversation_lengths takes a conversation of an experiment whole, from its very beginning", async () => {
    // Ann's second turn, a week later, is in the experiment; the first one is not.
    const narrowed = { ...threeWeeks, experiment: "length", variant: "short" };
    assert.deepEqual(await database.view("conversation_lengths", narrowed), [
      { time: "2026-11-02 00:00:00", length_class: "2–3 turns", conversations: 1, turns: 2 },
    ]);
    const secondWeek = { ...narrowed, from: "2026-11-09T00:00:00Z" };
    assert.deepEqual(await database.view("conversation_lengths", secondWeek), []);
  });

  await test.step("feedback counts a turn once, by its last rating, and not where that was taken back", async () => {
    const rows = await database.view("feedback", threeWeeks);
    assert.equal(rows.length, 21);
    assert.deepEqual(rows.filter(({ rated_up_rate }) => rated_up_rate !== null), [
      { time: "2026-11-02 00:00:00", rated_up: 1, rated_down: 0, rated_up_rate: 1 },
      { time: "2026-11-04 00:00:00", rated_up: 0, rated_down: 1, rated_up_rate: 0 },
    ]);
  });

  await test.step("stops_and_regenerations takes each rate of the turns that it is about", async () => {
    const rows = await database.view("stops_and_regenerations", threeWeeks);
    assert.equal(rows.length, 21);
    assert.deepEqual(rows.slice(0, 3), [
      {
        time: "2026-11-02 00:00:00",
        ended_turns: 3,
        stopped_turns: 1,
        stop_rate: 1 / 3,
        sent_turns: 3,
        regenerated_turns: 1,
        regeneration_rate: 1 / 3,
      },
      {
        time: "2026-11-03 00:00:00",
        ended_turns: 2,
        stopped_turns: 0,
        stop_rate: 0,
        sent_turns: 2,
        regenerated_turns: 0,
        regeneration_rate: 0,
      },
      {
        time: "2026-11-04 00:00:00",
        ended_turns: 0,
        stopped_turns: 0,
        stop_rate: null,
        sent_turns: 0,
        regenerated_turns: 0,
        regeneration_rate: null,
      },
    ]);
  });
});
