/** How turns fared: the views against counts made by hand from `told_turns.ts`. */
import assert from "node:assert/strict";
import { threeWeeks, toldCoolDowns, toldTurns } from "./testing/told_turns.ts";
import { createViewDatabase } from "./testing/view_database.ts";

Deno.test("the views of how turns fared", async (test) => {
  await using database = await createViewDatabase([...toldTurns, ...toldCoolDowns]);

  await test.step("outcomes counts a turn that failed and was reset once, as completed", async () => {
    const rows = await database.view("outcomes", threeWeeks);
    assert.equal(rows.length, 21);
    assert.deepEqual(rows.slice(0, 2), [
      {
        time: "2026-11-02 00:00:00",
        turns: 3,
        completed: 2,
        stopped: 1,
        failed: 0,
        fallback_turns: 1,
        continued_turns: 0,
        fallback_rate: 1 / 3,
        continuation_rate: 0,
        failure_rate: 0,
      },
      {
        time: "2026-11-03 00:00:00",
        turns: 2,
        completed: 2,
        stopped: 0,
        failed: 0,
        fallback_turns: 0,
        continued_turns: 1,
        fallback_rate: 0,
        continuation_rate: 0.5,
        failure_rate: 0,
      },
    ]);
  });

  // The range ends before the turn was reset.
  const untilReset = { from: "2026-11-03T00:00:00Z", to: "2026-11-03T13:00:00Z" };

  await test.step("fallback_rate counts it as failed in a range that ends before the reset", async () => {
    assert.deepEqual(await database.view("fallback_rate", untilReset), [
      {
        time: "2026-11-03 00:00:00",
        turns: 1,
        fallback_turns: 0,
        continued_turns: 0,
        failed_turns: 1,
        fallback_rate: 0,
        continuation_rate: 0,
        failure_rate: 1,
      },
    ]);
  });

  await test.step("waiting_time adds up the waits of a turn, each until it went on or ended", async () => {
    const rows = await database.view("waiting_time", threeWeeks);
    assert.equal(rows.length, 21);
    assert.deepEqual(rows.filter(({ turns }) => turns !== 0), [
      // One minute until the next attempt, and four until it failed.
      {
        time: "2026-11-03 00:00:00",
        turns: 1,
        waited_ms_p50: 300_000,
        waited_ms_p95: 300_000,
        waited_ms_max: 300_000,
      },
    ]);
  });

  await test.step("waiting_time counts what still waits until the end of the range", async () => {
    const range = { from: "2026-11-03T00:00:00Z", to: "2026-11-03T12:00:31Z" };
    const [{ turns, waited_ms_max }] = await database.view("waiting_time", range);
    assert.deepEqual({ turns, waited_ms_max }, { turns: 1, waited_ms_max: 30_000 });
  });

  await test.step("provider_cool_downs tells for how much of a bucket an address was left alone", async () => {
    const address = (url: string) => ({
      provider: "local",
      endpoint: url,
      address: `local ${url}`,
    });
    const hour = 3_600_000;
    assert.deepEqual(await database.view("provider_cool_downs", threeWeeks), [
      {
        time: "2026-11-02 00:00:00",
        ...address("http://a"),
        cooled_down_ms: hour,
        cooled_down_rate: 1 / 24,
      },
      {
        time: "2026-11-03 00:00:00",
        ...address("http://a"),
        cooled_down_ms: hour,
        cooled_down_rate: 1 / 24,
      },
      {
        time: "2026-11-22 00:00:00",
        ...address("http://b"),
        cooled_down_ms: 12 * hour,
        cooled_down_rate: 0.5,
      },
    ]);
  });

  await test.step("key_figures sets the range beside the period before it, which is as long", async () => {
    const week = { from: "2026-11-02T00:00:00Z", to: "2026-11-09T00:00:00Z" };
    assert.deepEqual(await database.view("key_figures", week), [{
      time: "2026-11-02 00:00:00.000",
      turns: 5,
      turns_before: 1,
      users: 4,
      users_before: 1,
      failed_turns: 0,
      failed_turns_before: 0,
      // Of 200, 250, 300, 400, 500 and 600.
      time_to_first_token_ms_p50: 400,
      time_to_first_token_ms_p50_before: 100,
      time_to_first_token_ms_p95: 600,
      time_to_first_token_ms_p95_before: 100,
      cost_usd: 0.12,
      cost_usd_before: 1,
    }]);
    const [{ failed_turns, time_to_first_token_ms_p50_before, cost_usd_before }] = await database
      .view("key_figures", untilReset);
    assert.deepEqual(
      { failed_turns, time_to_first_token_ms_p50_before, cost_usd_before },
      { failed_turns: 1, time_to_first_token_ms_p50_before: null, cost_usd_before: 0 },
    );
  });

  await test.step("a model narrows turns to those in which it was called, and attempts to its own", async () => {
    const gpt = { ...threeWeeks, model: "gpt" };
    const [outcomes] = await database.view("outcomes", gpt);
    assert.deepEqual([outcomes.turns, outcomes.completed, outcomes.stopped], [2, 1, 1]);
    const [turns] = await database.view("turns_over_time", gpt);
    assert.deepEqual([turns.turns, turns.users, turns.conversations], [2, 1, 1]);
    assert.deepEqual(await database.view("error_classes", gpt), []);
    const users = await database.view("cost_by_user", gpt);
    assert.deepEqual(users.map(({ user_key, cost_usd }) => [user_key, cost_usd]), [["ben", 0.07]]);
  });

  await test.step("an experiment narrows to the turns that take part in it, a variant to its own", async () => {
    const turnsOf = async (narrowed: { experiment?: string; variant?: string }) =>
      (await database.view("turns_over_time", { ...threeWeeks, ...narrowed }))
        .slice(0, 2).map(({ turns }) => turns);
    assert.deepEqual(await turnsOf({}), [3, 2]);
    assert.deepEqual(await turnsOf({ experiment: "tone" }), [1, 1]);
    assert.deepEqual(await turnsOf({ experiment: "tone", variant: "brief" }), [0, 1]);
    assert.deepEqual(await turnsOf({ experiment: "another" }), [0, 0]);
  });
});
