import assert from "node:assert/strict";
import type { BacktestSelection } from "../events/contract/backtest.ts";
import type { EndedTurnsQuery } from "../events/store/event_store.ts";
import { countTurns, isTaken, selectTurns } from "./backtest_selection.ts";

const all: BacktestSelection = { from: "a", to: "b", share: 1, limit: 100_000 };

/** A store with this many turns, whose cursor is the place of the next one. */
function storeOf(count: number) {
  const queries: EndedTurnsQuery[] = [];
  return {
    queries,
    endedTurns(query: EndedTurnsQuery) {
      queries.push(query);
      const first = Number(query.cursor ?? 0);
      const next = Math.min(first + query.limit, count);
      return Promise.resolve({
        turnIds: Array.from({ length: next - first }, (_, index) => `turn-${first + index}`),
        nextCursor: next < count ? String(next) : null,
      });
    },
  };
}

async function selectAll(count: number, selection: BacktestSelection, limit: number) {
  const store = storeOf(count);
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await selectTurns(store, selection, { cursor, limit });
    pages.push(page.turnIds);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return { store, pages };
}

Deno.test("a share takes about so many turns, always the same ones", () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `turn-${index}`);
  const taken = ids.filter((id) => isTaken(id, 0.2));
  assert(Math.abs(taken.length - 2000) < 200, String(taken.length));
  assert.deepEqual(ids.filter((id) => isTaken(id, 0.2)), taken);
  assert.equal(ids.filter((id) => isTaken(id, 1)).length, ids.length);
});

Deno.test("a larger share holds all turns of a smaller one", () => {
  const ids = Array.from({ length: 1000 }, (_, index) => `turn-${index}`);
  assert(ids.every((id) => !isTaken(id, 0.1) || isTaken(id, 0.3)));
});

Deno.test("pages hold every turn of the share once, whatever their length", async () => {
  const expected = Array.from({ length: 500 }, (_, index) => `turn-${index}`)
    .filter((id) => isTaken(id, 0.1));
  assert(expected.length > 20);
  for (const limit of [1, 7, 100]) {
    const { pages } = await selectAll(500, { ...all, share: 0.1 }, limit);
    assert.deepEqual(pages.flat(), expected);
    assert(pages.every(({ length }) => length <= limit));
  }
});

Deno.test("a selection is passed on to the store as it is", async () => {
  const selection = { ...all, route: "fast", lastModel: "small", conversationId: "c" };
  const { store } = await selectAll(1, selection, 5);
  assert.deepEqual(store.queries, [{
    from: "a",
    to: "b",
    route: "fast",
    lastModel: "small",
    conversationId: "c",
    cursor: undefined,
    limit: 5,
  }]);
});

Deno.test("turns are counted up to the limit of the backtest", async () => {
  assert.equal(await countTurns(storeOf(2500), all), 2500);
  assert.equal(await countTurns(storeOf(2500), { ...all, limit: 30 }), 30);
  assert.equal(await countTurns(storeOf(0), all), 0);
  const share = Array.from({ length: 2500 }, (_, index) => `turn-${index}`)
    .filter((id) => isTaken(id, 0.5)).length;
  assert.equal(await countTurns(storeOf(2500), { ...all, share: 0.5 }), share);
});
