import assert from "node:assert/strict";
import type { SystemEvent, TurnlogEvent } from "../contract/event.ts";
import { ProviderHealth } from "./provider_health.ts";
import { completed, cooledDown, failed, recovered, started } from "./test_events.ts";

const endpoint = { provider: "local", endpoint: "http://a" };

/** Processes that share a store; what one states comes to the others when `deliver` is called. */
function processes(count: number) {
  const stored: SystemEvent[] = [];
  const store = {
    append: (events: readonly TurnlogEvent[]) => {
      for (const event of events) {
        if (!stored.some(({ id }) => id === event.id)) stored.push(event as SystemEvent);
      }
      return Promise.resolve();
    },
  };
  const all = Array.from({ length: count }, () => {
    const health = new ProviderHealth({ store, source: "test" });
    health.watch(endpoint, { failures: 2, cooldownMs: 10_000 });
    return health;
  });
  const deliver = (...events: TurnlogEvent[]) =>
    all.forEach((health) => events.forEach((event) => health.hear(event)));
  return { all, stored, deliver };
}

/** Attempts that fail just now, a millisecond apart. */
function failures(count: number) {
  return Array.from({ length: count }, (_, index) => failed({ atMs: Date.now() - count + index }));
}

Deno.test("several processes that see the same failures state one cool-down, and agree on it", () => {
  const { all, stored, deliver } = processes(3);
  deliver(...failures(2));
  assert.deepEqual(stored.map(({ type }) => type), ["provider.cooled_down"]);
  deliver(...stored);
  const untils = all.map((health) => health.healthOf(endpoint).coolDown?.untilMs);
  assert.equal(new Set(untils).size, 1);
  assert(all.every((health) => health.stateOf(endpoint) === "open"));
});

Deno.test("an attempt that is heard at once and again from the topic counts once", () => {
  const { all: [health], stored } = processes(1);
  const [failure] = failures(1);
  health.hear(failure);
  health.hear(failure);
  assert.equal(health.healthOf(endpoint).failures, 1);
  assert.equal(stored.length, 0);
});

Deno.test("of a recovery and a cool-down that are stated at once, the first one holds for all", () => {
  const { all: [a, b], stored, deliver } = processes(2);
  const open = cooledDown({ atMs: Date.now() - 2000, forMs: 1000 });
  deliver(open);
  a.recover(endpoint);
  b.hear(failed({ atMs: Date.now() }));
  assert.equal(b.stateOf(endpoint), "open");
  assert.deepEqual(stored.map(({ type }) => type), ["provider.recovered"]);
  deliver(...stored);
  assert.deepEqual([a.stateOf(endpoint), b.stateOf(endpoint)], ["closed", "closed"]);
});

Deno.test("one endpoint may cool down again after it has recovered", () => {
  const { stored, deliver } = processes(1);
  deliver(...failures(2), recovered({ atMs: Date.now() + 1 }));
  deliver(...[2, 3].map((laterMs) => failed({ atMs: Date.now() + laterMs })));
  assert.deepEqual(stored.map(({ type }) => type), [
    "provider.cooled_down",
    "provider.cooled_down",
  ]);
});

Deno.test("failures of long ago, which a process hears when it begins, have no consequence", () => {
  const { all: [health], stored, deliver } = processes(1);
  deliver(...[1, 2, 3].map((sooner) => failed({ atMs: Date.now() - 60_000 + sooner })));
  assert.equal(stored.length, 0);
  assert.equal(health.healthOf(endpoint).failures, 3);
});

Deno.test("each cool-down is told once, however often it is heard", () => {
  const told: string[] = [];
  const health = new ProviderHealth({
    store: { append: () => Promise.resolve() },
    source: "test",
    onCoolDown: ({ id }) => told.push(id),
  });
  const first = cooledDown({ atMs: 1, forMs: 1 });
  const second = cooledDown({ atMs: 3, forMs: 1 });
  for (const event of [first, first, second]) health.hear(event);
  assert.deepEqual(told, [first.id, second.id]);
});

Deno.test("calls under way are those that have begun and not ended, wherever they end", () => {
  const { all: [health] } = processes(1);
  const nowMs = Date.now();
  health.hear(started({ atMs: nowMs, turnId: "one" }));
  health.hear(started({ atMs: nowMs, turnId: "two" }));
  assert.equal(health.inFlight(endpoint), 2);
  health.hear(completed({ atMs: nowMs, turnId: "one" }));
  const { endpoint: _, ...data } = failed({ atMs: nowMs, turnId: "two" }).data;
  health.hear({ ...failed({ atMs: nowMs, turnId: "two" }), data });
  assert.equal(health.inFlight(endpoint), 0);
});

Deno.test("the calls under way at all are counted with those of a provider without an endpoint", () => {
  const { all: [health] } = processes(1);
  const atMs = Date.now();
  health.hear(started({ atMs, turnId: "one" }));
  const event = started({ atMs, turnId: "two" });
  const { endpoint: _, ...data } = event.data;
  health.hear({ ...event, data });
  assert.equal(health.callsUnderWay, 2);
  health.hear(completed({ atMs, turnId: "two" }));
  assert.equal(health.callsUnderWay, 1);
});

Deno.test("an endpoint is being tried out by a call that began after its cool-down", () => {
  const { all: [health] } = processes(1);
  const nowMs = Date.now();
  health.hear(cooledDown({ atMs: nowMs - 2000, forMs: 1000 }));
  health.hear(started({ atMs: nowMs - 1500, turnId: "straggler" }));
  assert.equal(health.isProbed(endpoint), false);
  health.hear(started({ atMs: nowMs - 500, turnId: "probe" }));
  assert.equal(health.isProbed(endpoint), true);
  health.hear(completed({ atMs: nowMs, turnId: "probe" }));
  assert.equal(health.isProbed(endpoint), false);
});
