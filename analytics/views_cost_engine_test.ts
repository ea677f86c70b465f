/** What answers cost, and which are the extremes: the views against counts made by hand from `told_turns.ts`. */
import assert from "node:assert/strict";
import { threeWeeks, toldTurns } from "./testing/told_turns.ts";
import { createViewDatabase } from "./testing/view_database.ts";

Deno.test("the views of cost and of single turns", async (test) => {
  await using database = await createViewDatabase(toldTurns);

  await test.step("cost_by_user counts every attempt once, those that failed or were stopped included", async () => {
    assert.deepEqual(await database.view("cost_by_user", threeWeeks), [
      {
        last_attempt_at: "2026-11-02 10:05:01.000",
        user_key: "ben",
        cost_usd: 0.071,
        attempts: 3,
        input_tokens: 210,
        output_tokens: 46,
      },
      {
        last_attempt_at: "2026-11-09 09:00:02.000",
        user_key: "ann",
        cost_usd: 0.05,
        attempts: 2,
        input_tokens: 300,
        output_tokens: 112,
      },
      {
        last_attempt_at: "2026-11-10 09:00:02.000",
        user_key: "cem",
        cost_usd: 0.04,
        attempts: 4,
        input_tokens: 224,
        output_tokens: 92,
      },
      {
        last_attempt_at: "2026-11-03 15:00:02.000",
        user_key: "key",
        cost_usd: 0.005,
        attempts: 1,
        input_tokens: 50,
        output_tokens: 1,
      },
    ]);
  });

  await test.step("cost_per_conversation counts a conversation where it began, with all that it cost", async () => {
    const rows = await database.view("cost_per_conversation", threeWeeks);
    assert.equal(rows.length, 21);
    const rounded = rows.filter(({ conversations }) => conversations !== 0)
      .map((row) => ({ ...row, cost_usd_avg: Number(Number(row.cost_usd_avg).toFixed(6)) }));
    assert.deepEqual(rounded, [
      // Ann's with 5 cents, 4 of them a week later, and Ben's with 7.1.
      {
        time: "2026-11-02 00:00:00",
        conversations: 2,
        cost_usd_avg: 0.0605,
        cost_usd_p50: 0.071,
        cost_usd_p95: 0.071,
      },
      {
        time: "2026-11-03 00:00:00",
        conversations: 2,
        cost_usd_avg: 0.0195,
        cost_usd_p50: 0.034,
        cost_usd_p95: 0.034,
      },
      {
        time: "2026-11-10 00:00:00",
        conversations: 1,
        cost_usd_avg: 0.006,
        cost_usd_p50: 0.006,
        cost_usd_p95: 0.006,
      },
    ]);
  });

  await test.step("cost_per_conversation, narrowed, tells what these attempts cost, where the conversation began", async () => {
    // Ann's conversation got to claude and into the experiment a week after it had begun.
    const [cost_usd_avg, cost_usd_p50, cost_usd_p95] = [0.04, 0.04, 0.04];
    for (const narrowing of [{ model: "claude" }, { experiment: "length", variant: "short" }]) {
      const narrowed = { ...threeWeeks, ...narrowing };
      const rows = await database.view("cost_per_conversation", narrowed);
      assert.deepEqual(rows.filter(({ conversations }) => conversations !== 0), [{
        time: "2026-11-02 00:00:00",
        conversations: 1,
        cost_usd_avg,
        cost_usd_p50,
        cost_usd_p95,
      }]);
      const secondWeek = { ...narrowed, from: "2026-11-09T00:00:00Z" };
      const later = await database.view("cost_per_conversation", secondWeek);
      assert.ok(later.every(({ conversations }) => conversations === 0));
    }
  });

  await test.step("costliest_turns begins with the turn whose attempts cost most, and leads to it", async () => {
    const rows = await database.view("costliest_turns", threeWeeks);
    assert.deepEqual(rows.map(({ turn_id, cost_usd }) => [turn_id, cost_usd]), [
      ["fell-back", 0.051],
      ["a-week-later", 0.04],
      ["reset", 0.034],
      ["stopped", 0.02],
      ["rated", 0.01],
      ["came-back", 0.006],
      ["of-a-program", 0.005],
    ]);
    assert.deepEqual(rows[0], {
      last_attempt_at: "2026-11-02 10:00:04.000",
      cost_usd: 0.051,
      attempts: 2,
      input_tokens: 110,
      output_tokens: 41,
      attempts_ms: 2500,
      models: "gpt, llama",
      user_key: "ben",
      conversation_id: "c2",
      turn_id: "fell-back",
    });
  });

  await test.step("what a model without a price costs is told as not known, and not as nothing", async () => {
    const inDecember = { from: "2026-12-01T00:00:00Z", to: "2026-12-02T00:00:00Z" };
    const priced = toldTurns.find((event) => event.type === "attempt.completed")!;
    await database.insert([{
      ...priced,
      id: crypto.randomUUID(),
      time: "2026-12-01T08:00:00.000Z",
      conversationId: "unpriced",
      data: { ...priced.data, costUsd: 0, priceVersion: null },
    }]);
    for (
      const name of [
        "cost_by_user",
        "cost_per_conversation",
        "costliest_turns",
        "tokens_and_cost_by_model",
        "key_figures",
      ]
    ) {
      const [row] = await database.view(name, inDecember);
      const cost = row[name === "cost_per_conversation" ? "cost_usd_avg" : "cost_usd"];
      assert.equal(cost, null, name);
    }
  });

  await test.step("slowest_turns begins with the turn that took longest, and leads to it", async () => {
    const rows = await database.view("slowest_turns", threeWeeks);
    assert.deepEqual(rows.map(({ turn_id, duration_ms }) => [turn_id, duration_ms]), [
      ["reset", 7_201_000],
      ["fell-back", 5000],
      ["came-back", 1300],
      ["rated", 1300],
      ["a-week-later", 1200],
      ["stopped", 800],
      ["of-a-program", 400],
    ]);
    assert.deepEqual(rows[0], {
      ended_at: "2026-11-03 14:00:01.000",
      duration_ms: 7_201_000,
      outcome: "completed",
      attempts: 3,
      user_key: "cem",
      conversation_id: "c3",
      turn_id: "reset",
    });
  });

  await test.step("tokens_per_second counts the tokens after the first one and the time after it", async () => {
    const rate = (time: string, model: string, value: number) => ({
      time,
      model,
      attempts: 1,
      tokens_per_second_p50: value,
      tokens_per_second_p5: value,
    });
    // What was stopped says nothing of the speed, and neither does an answer of one token.
    assert.deepEqual(await database.view("tokens_per_second", threeWeeks), [
      rate("2026-11-02 00:00:00", "gpt", 20),
      rate("2026-11-02 00:00:00", "llama", 10),
      rate("2026-11-03 00:00:00", "llama", 30),
      rate("2026-11-09 00:00:00", "claude", 100),
      rate("2026-11-10 00:00:00", "llama", 50),
    ]);
  });
});
