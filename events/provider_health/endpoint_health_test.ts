import assert from "node:assert/strict";
import type { FailureClass } from "../contract/failure.ts";
import {
  circuitState,
  consequenceOf,
  coolDownMsMax,
  type EndpointHealth,
  evolveEndpoint,
  type HealthEvent,
  rememberedMs,
  unknownHealth,
} from "./endpoint_health.ts";
import { completed, cooledDown, failed, overloaded, recovered } from "./test_events.ts";

const policy = { breaker: { failures: 3, cooldownMs: 10_000 }, random: 1 };

function given(...events: HealthEvent[]): EndpointHealth {
  return events.reduce(evolveEndpoint, unknownHealth);
}

/** What follows from the last of these, an attempt. */
function consequence(...events: [...HealthEvent[], ReturnType<typeof failed | typeof completed>]) {
  return consequenceOf(given(...events), events.at(-1) as ReturnType<typeof failed>, policy);
}

Deno.test("calls that fail in a row open an endpoint, and fewer do not", () => {
  const row = [1, 2, 3].map((atMs) => failed({ atMs }));
  assert.equal(consequence(row[0], row[1]), null);
  assert.deepEqual(consequence(row[0], row[1], row[2]), { type: "cool-down", forMs: 10_000 });
});

Deno.test("an answer ends the row, and so does a long silence", () => {
  assert.equal(given(failed({ atMs: 1 }), failed({ atMs: 2 }), completed({ atMs: 3 })).failures, 0);
  assert.equal(given(failed({ atMs: 1 }), failed({ atMs: 1 + rememberedMs })).failures, 1);
});

Deno.test("what comes late is no news", () => {
  assert.equal(given(failed({ atMs: 5 }), completed({ atMs: 4 })).failures, 1);
  assert.equal(given(recovered({ atMs: 5 }), failed({ atMs: 4 })).failures, 0);
});

Deno.test("failures that are the request's or the key's do not count", () => {
  const classes: FailureClass[] = [
    "context-too-long",
    "refused",
    "bad-credentials",
    "bad-request",
    "interrupted",
    "internal",
  ];
  for (const failureClass of classes) {
    const error = { class: failureClass, message: "No" };
    assert.equal(given(failed({ atMs: 1 }), failed({ atMs: 2, error })).failures, 1, failureClass);
  }
});

Deno.test("whoever refuses a request with a status is there", () => {
  const error = { class: "bad-request", message: "400 No", status: 400 } as const;
  assert.equal(given(failed({ atMs: 1 }), failed({ atMs: 2, error })).failures, 0);
});

Deno.test("a stop before the first token tells nothing, one after it an answer", () => {
  const stopped = { atMs: 2, unified: "stopped" } as const;
  assert.equal(
    given(failed({ atMs: 1 }), completed({ ...stopped, timeToFirstTokenMs: null })).failures,
    1,
  );
  assert.equal(given(failed({ atMs: 1 }), completed(stopped)).failures, 0);
});

Deno.test("a provider that asks to come back later is left alone for that long", () => {
  const limited = (retryAfterMs?: number) =>
    failed({
      atMs: 1,
      error: { class: "rate-limited", message: "429", status: 429, retryAfterMs },
    });
  assert.deepEqual(consequence(limited(7000)), { type: "cool-down", forMs: 7000 });
  assert.deepEqual(consequence(limited(3_600_000)), { type: "cool-down", forMs: coolDownMsMax });
  assert.equal(consequence(limited(200)), null, "not worth a cool-down");
  assert.equal(consequence(limited()), null);
});

Deno.test("an endpoint is open until its time is over, then half-open, and closed when it has recovered", () => {
  const health = given(cooledDown({ atMs: 1000, forMs: 5000 }));
  assert.equal(circuitState(health, 5999), "open");
  assert.equal(circuitState(health, 6000), "half-open");
  const closed = evolveEndpoint(health, recovered({ atMs: 7000 }));
  assert.equal(circuitState(closed, 7000), "closed");
  assert.equal(closed.failures, 0);
});

Deno.test("a probe that fails opens the endpoint for twice as long, to a limit", () => {
  const first = cooledDown({ atMs: 0, forMs: 10_000 });
  assert.deepEqual(consequence(first, failed({ atMs: 10_000 })), {
    type: "cool-down",
    forMs: 20_000,
  });
  const many = Array.from({ length: 9 }, (_, index) => cooledDown({ atMs: index, forMs: 10_000 }));
  assert.deepEqual(consequence(...many, failed({ atMs: 20_000 })), {
    type: "cool-down",
    forMs: coolDownMsMax,
  });
});

Deno.test("some of the length of a cool-down is left to chance", () => {
  const row = [1, 2, 3].map((atMs) => failed({ atMs }));
  const lengths = [0, 0.5, 1].map((random) =>
    consequenceOf(given(...row), row[2], { ...policy, random })
  );
  assert.deepEqual(lengths.map((each) => each?.type === "cool-down" && each.forMs), [
    8000,
    9000,
    10_000,
  ]);
});

Deno.test("a probe that is answered has found that the endpoint has recovered", () => {
  const open = cooledDown({ atMs: 0, forMs: 10_000 });
  assert.deepEqual(consequence(open, completed({ atMs: 10_500, durationMs: 400 })), {
    type: "recovery",
  });
});

Deno.test("calls that began before the probe neither open an endpoint nor close it", () => {
  const open = cooledDown({ atMs: 0, forMs: 10_000 });
  assert.equal(consequence(open, failed({ atMs: 5000 })), null);
  assert.equal(consequence(open, failed({ atMs: 10_500, durationMs: 600 })), null);
  assert.equal(consequence(open, completed({ atMs: 10_500, durationMs: 600 })), null);
});

Deno.test("a cool-down that is heard twice is one", () => {
  const event = cooledDown({ atMs: 0, forMs: 10_000 });
  assert.deepEqual(given(event, event), given(event));
  assert.equal(given(event).coolDown?.reason, overloaded);
});
