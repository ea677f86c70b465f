import assert from "node:assert/strict";
import { createSystemEvent } from "../events/contract/event.ts";
import { ProviderHealth } from "../events/provider_health/provider_health.ts";
import { callableFirst } from "./callable_first.ts";
import { parseConfig } from "./config_file.ts";
import { planCandidates } from "./planner.ts";

const planned = planCandidates(
  parseConfig(
    `
providers:
  first: { kind: openai, baseUrl: ["http://a/v1", "http://b/v1"] }
  second: { kind: openai, baseUrl: "http://c/v1" }
  simulated: { kind: simulated }
models:
  first: { provider: first }
  second: { provider: second }
  demo: { provider: simulated }
routes:
  default: { candidates: [first, second, demo] }
`,
    "turnlog.yaml",
  ),
  "default",
  () => undefined,
);

/** What is known where these cool down: provider, endpoint and, from now, until when. */
function healthWhere(...cooling: [string, string, number][]): ProviderHealth {
  const health = new ProviderHealth({
    store: { append: () => Promise.resolve() },
    source: "test",
  });
  for (const [provider, endpoint, forMs] of cooling) {
    health.hear(createSystemEvent({
      id: crypto.randomUUID(),
      source: "test",
      type: "provider.cooled_down",
      subject: `provider/${provider}`,
      data: {
        provider,
        endpoint,
        until: new Date(Date.now() + forMs).toISOString(),
        reason: { class: "unreachable", message: "Connection refused" },
        failures: 5,
      },
    }));
  }
  return health;
}

function order(...cooling: [string, string, number][]) {
  const { candidates, passedOver } = callableFirst(planned, healthWhere(...cooling));
  return { models: candidates.map(({ model }) => model), passedOver: passedOver?.message };
}

Deno.test("candidates that cool down stand behind the others, and the plan says why", () => {
  const { models, passedOver } = order(["first", "http://a/v1", 60_000], [
    "first",
    "http://b/v1",
    60_000,
  ]);
  assert.deepEqual(models, ["second", "demo", "first"]);
  assert.match(passedOver!, /^first is not called until .*: Connection refused$/);
});

Deno.test("a candidate with one endpoint left keeps its place", () => {
  assert.deepEqual(order(["first", "http://a/v1", 60_000]), {
    models: ["first", "second", "demo"],
    passedOver: undefined,
  });
});

Deno.test("where the first one answers, nothing is said of those behind it", () => {
  assert.deepEqual(order(["second", "http://c/v1", 60_000]), {
    models: ["first", "demo", "second"],
    passedOver: undefined,
  });
});

Deno.test("a candidate whose time is over keeps its place: somebody has to try it", () => {
  assert.deepEqual(order(["second", "http://c/v1", -1]).models, ["first", "second", "demo"]);
});

Deno.test("where all cool down, all stay", () => {
  const real = { ...planned, candidates: planned.candidates.slice(0, 2) };
  const health = healthWhere(
    ["first", "http://a/v1", 60_000],
    ["first", "http://b/v1", 60_000],
    ["second", "http://c/v1", 60_000],
  );
  assert.deepEqual(callableFirst(real, health), real);
});
