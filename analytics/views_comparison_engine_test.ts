/** What users say of models beside each other: the ranking against counts made by hand, and against statsmodels. */
import assert from "node:assert/strict";
import type { ComparisonWinner } from "../events/contract/comparison.ts";
import { type ConversationEvent, createEvent } from "../events/contract/event.ts";
import { stepEventId } from "../events/event_id.ts";
import reference from "../tests/fixtures/comparisons/reference.json" with { type: "json" };
import { createViewDatabase } from "./testing/view_database.ts";

const day = { from: "2026-11-23T00:00:00Z", to: "2026-11-24T00:00:00Z" };
const noon = "2026-11-23T12:00:00Z";

/** Some people's votes, of which a person can count what they come to. */
const votes = [
  // Ann changed her mind: the last word counts, alone.
  vote("1", "ann", ["llama", "gpt"], "first", "2026-11-23T09:00:00Z"),
  vote("1", "ann", ["llama", "gpt"], "neither", "2026-11-23T09:01:00Z"),
  vote("1", "ann", ["llama", "gpt"], "second", "2026-11-23T09:02:00Z"),
  vote("2", "ann", ["gpt", "llama"], "first"),
  vote("3", "ben", ["llama", "gpt"], "tie"),
  vote("4", "ben", ["llama", "claude"], "neither"),
  vote("5", "ben", ["llama", "claude"], "first"),
  // One model against itself, and votes before and after the range.
  vote("6", "ben", ["gpt", "gpt"], "first"),
  vote("7", "ben", ["gpt", "claude"], "first", "2026-11-22T23:59:59Z"),
  vote("8", "ben", ["gpt", "claude"], "first", day.to),
];

Deno.test("the ranking of models by comparison", async (test) => {
  await using database = await createViewDatabase(votes);
  const ranking = async () =>
    (await database.view("comparison_ranking", day)).map((row) => [
      row.model,
      ...[row.votes, row.wins, row.losses, row.ties, row.both_bad, row.win_rate],
    ]);

  await test.step("each two answers count once, by the last vote, and a model is not compared with itself", async () => {
    assert.deepEqual(await ranking(), [
      ["gpt", 3, 2, 0, 1, 0, 2.5 / 3],
      ["llama", 5, 1, 2, 1, 1, 2 / 5],
      ["claude", 2, 0, 1, 0, 1, 0.5 / 2],
    ]);
  });

  await test.step("the ratings are those that explain the votes best", async () => {
    const rows = await database.view("comparison_ranking", day);
    const strengths = new Map(
      rows.map(({ model, rating }) => [model, 10 ** (rating as number / 400)]),
    );
    const [gpt, llama, claude] = ["gpt", "llama", "claude"].map((model) => strengths.get(model)!);
    // Where the likelihood is greatest, a model has won as much as its rating leads to expect, the added ties included.
    const expected = (votes: number, other: number, own: number) => votes * own / (own + other);
    close(expected(3 + 1, llama, gpt) + expected(1, claude, gpt), 2.5 + 1);
    close(expected(3 + 1, gpt, llama) + expected(2 + 1, claude, llama), 2 + 1);
    close(rows.reduce((sum, { rating }) => sum + (rating as number), 0) / 3, 1000);
  });

  await test.step("a user whose events are erased has not voted", async () => {
    await database.client.command({ query: "DELETE FROM events WHERE user_key = 'ben'" });
    assert.deepEqual(await ranking(), [
      ["gpt", 2, 2, 0, 0, 0, 1],
      ["llama", 2, 0, 2, 0, 0, 0],
    ]);
  });

  await test.step("without votes there is no row", async () => {
    const before = { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" };
    assert.deepEqual(await database.view("comparison_ranking", before), []);
  });
});

Deno.test("the ranking and statsmodels agree on every number to a millionth", async () => {
  const told = reference.votes.map(([first, second, winner], index) =>
    vote(`${index}`, "ann", [first, second], winner as ComparisonWinner)
  );
  await using database = await createViewDatabase(told);
  const rows = await database.view("comparison_ranking", day);
  assert.deepEqual(rows.map(({ model }) => model), reference.ranking.map(({ model }) => model));
  for (const [index, expected] of reference.ranking.entries()) {
    const { model: _, ...numbers } = expected;
    for (const [name, value] of Object.entries(numbers)) close(rows[index][name] as number, value);
  }
});

/** Within a millionth of the number itself. */
function close(found: number, expected: number): void {
  const difference = Math.abs(found - expected);
  assert.ok(difference <= 1e-6 * Math.max(1, Math.abs(expected)), `${found}, not ${expected}`);
}

/** @param pair Tells one pair of answers from another. */
function vote(
  pair: string,
  userKey: string,
  models: [string, string],
  winner: ComparisonWinner,
  at = noon,
): ConversationEvent {
  const turnIds: [string, string] = [`${pair}-a`, `${pair}-b`];
  return createEvent({
    id: stepEventId(pair, userKey, `${at} ${winner}`),
    source: "turnlog/api",
    type: "comparison.voted",
    subject: { tenant: "default", userKey, conversationId: pair, turnId: turnIds[0] },
    data: { turnIds, models, winner },
    time: new Date(at),
  });
}
