import assert from "node:assert/strict";
import { planBacktest } from "./backtest_plan.ts";
import { newBacktest } from "./backtest_schemas.ts";
import type { Planned } from "./planner.ts";

const now = new Date("2026-11-24T12:00:00Z");
const planned: Planned = {
  candidates: [],
  timeouts: { firstTokenMs: 1, idleMs: 2, totalMs: 3 },
  retry: { attempts: 2 },
  continuation: "auto",
  onExhausted: "wait",
  waitMs: 86_400_000,
  systemPrompt: "The route's own",
};

function plan(request: unknown) {
  return planBacktest("b", newBacktest.parse(request), planned, now);
}

Deno.test("a backtest takes a range of time, all of it up to its limit where nothing else is said", () => {
  const { id, selection, rate } = plan({ from: "7d" });
  assert.deepEqual({ id, selection, rate }, {
    id: "b",
    selection: {
      from: "2026-11-17T12:00:00.000Z",
      to: "2026-11-24T12:00:00.000Z",
      share: 1,
      limit: 1000,
    },
    rate: { turnsPerMinute: 60, concurrency: 4 },
  });
});

Deno.test("turns are chosen by what was asked, who answered, and their conversation", () => {
  const { selection } = plan({
    from: "2026-11-01",
    to: "1d",
    onlyRoute: "default",
    onlyModel: "claude-opus",
    onlyConversation: "c",
    share: 0.1,
    limit: 5,
  });
  assert.deepEqual(selection, {
    from: "2026-11-01T00:00:00.000Z",
    to: "2026-11-23T12:00:00.000Z",
    route: "default",
    lastModel: "claude-opus",
    conversationId: "c",
    share: 0.1,
    limit: 5,
  });
});

Deno.test("turns are answered as the route says, but wait an hour at most", () => {
  const { turn } = plan({ from: "7d", model: "fast" });
  assert.deepEqual(turn, {
    ...planned,
    route: "fast",
    waitMs: 3_600_000,
    parameters: {},
    variants: {},
  });
});

Deno.test("a system prompt and parameters of its own outrank the route's", () => {
  const { turn } = plan({ from: "7d", systemPrompt: "Be brief", parameters: { temperature: 0 } });
  assert.equal(turn.systemPrompt, "Be brief");
  assert.deepEqual(turn.parameters, { temperature: 0 });
});

Deno.test("a range that ends before it begins is refused", () => {
  assert.throws(() => plan({ from: "1d", to: "2d" }), /from: must be before to/);
});

Deno.test("what cannot be asked for is refused with the field", () => {
  const cases: [unknown, string][] = [
    [{}, "from"],
    [{ from: "soon" }, "from"],
    [{ from: "7d", id: "a b" }, "id"],
    [{ from: "7d", share: 0 }, "share"],
    [{ from: "7d", share: 1.5 }, "share"],
    [{ from: "7d", limit: 0 }, "limit"],
    [{ from: "7d", limit: 1e9 }, "limit"],
    [{ from: "7d", turnsPerMinute: 0 }, "turnsPerMinute"],
    [{ from: "7d", concurrency: 101 }, "concurrency"],
    [{ from: "7d", systemPrompt: "" }, "systemPrompt"],
  ];
  for (const [request, field] of cases) {
    const { error } = newBacktest.safeParse(request);
    assert.deepEqual(error?.issues.map(({ path }) => path[0]), [field], JSON.stringify(request));
  }
});
