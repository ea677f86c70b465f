import assert from "node:assert/strict";
import type { Candidate } from "../contract/turn_plan.ts";
import { type Admission, type AdmittedCall, ProviderAdmission } from "./provider_admission.ts";
import { ProviderHealth } from "./provider_health.ts";
import { candidateAt, cooledDown, failed, recovered } from "./test_events.ts";

const never = new AbortController().signal;

function scene() {
  const health = new ProviderHealth({
    store: { append: () => Promise.resolve() },
    source: "test",
  });
  const admission = new ProviderAdmission(health);
  const admit = (candidate: Candidate, userKey = "anna", signal = never) =>
    admission.admit(candidate, { userKey, signal });
  return { health, admission, admit };
}

function limited(limits: Partial<Candidate["limits"]>, ...baseUrls: string[]): Candidate {
  return {
    ...candidateAt(...baseUrls),
    limits: { concurrent: 1, queued: 100, queueMs: 60_000, ...limits },
  };
}

function requireAdmitted(admission: Admission): AdmittedCall {
  assert(admission.type === "admitted", JSON.stringify(admission));
  return admission;
}

function requireRefused(admission: Admission) {
  assert(admission.type === "refused", JSON.stringify(admission));
  return admission.failure;
}

Deno.test("a call is admitted at once, to its one endpoint", async () => {
  const { admit, admission } = scene();
  const call = requireAdmitted(await admit(candidateAt("http://a")));
  assert.equal(call.candidate.baseUrl, "http://a");
  assert.deepEqual(admission.places(), [{ provider: "local", endpoint: "http://a", inFlight: 1 }]);
  call.release();
  call.release();
  assert.deepEqual(admission.places(), [{ provider: "local", endpoint: "http://a", inFlight: 0 }]);
});

Deno.test("replicas share the calls, and the candidate names one of them", async () => {
  const { admit } = scene();
  const replicas = candidateAt("http://a", "http://b", "http://c");
  const calls = await Promise.all(Array.from({ length: 9 }, () => admit(replicas)));
  const urls = calls.map((call) => requireAdmitted(call).candidate.baseUrl!);
  const counts = Map.groupBy(urls, (url) => url);
  assert.deepEqual([...counts.values()].map(({ length }) => length), [3, 3, 3]);
  assert.equal(requireAdmitted(calls[0]).candidate.baseUrls, undefined);
});

Deno.test("calls beyond the limit wait, and users are served in turns", async () => {
  const { admit, admission } = scene();
  const one = limited({});
  const running = requireAdmitted(await admit(one));
  const served: string[] = [];
  const waiting = ["busy", "busy", "busy", "late"].map(async (userKey) => {
    const call = requireAdmitted(await admit(one, userKey));
    served.push(userKey);
    assert(admission.places().every(({ inFlight }) => inFlight === 1));
    call.release();
  });
  assert.deepEqual(admission.queueLengths(), [{ provider: "local", queued: 4 }]);
  running.release();
  await Promise.all(waiting);
  assert.deepEqual(served, ["busy", "late", "busy", "busy"]);
});

Deno.test("the limit holds at each address, and a place at any of them will do", async () => {
  const { admit, admission } = scene();
  const two = limited({ concurrent: 2 }, "http://a", "http://b");
  const calls = await Promise.all(Array.from({ length: 4 }, () => admit(two)));
  const fifth = admit(two);
  assert.deepEqual(admission.places().map(({ inFlight }) => inFlight), [2, 2]);
  const last = requireAdmitted(calls[3]);
  last.release();
  assert.equal(requireAdmitted(await fifth).candidate.baseUrl, last.candidate.baseUrl);
});

Deno.test("where too many wait, or one waits too long, the call is refused as overloaded", async () => {
  const { admit } = scene();
  const impatient = limited({ queued: 1, queueMs: 20 });
  await admit(impatient);
  const waiting = admit(impatient);
  assert.equal(requireRefused(await admit(impatient)).class, "overloaded");
  const failure = requireRefused(await waiting);
  assert.equal(failure.class, "overloaded");
  assert.match(failure.message, /within 0.02 s/);
});

Deno.test("a stop ends the wait, and the place goes to the next", async () => {
  const { admit } = scene();
  const stop = new AbortController();
  const running = requireAdmitted(await admit(limited({})));
  const stopped = admit(limited({}), "anna", stop.signal);
  const next = admit(limited({}));
  stop.abort();
  assert.deepEqual(await stopped, { type: "aborted" });
  running.release();
  requireAdmitted(await next);
});

Deno.test("an endpoint that cools down is not called while another one is there", async () => {
  const { admit, health } = scene();
  health.hear(cooledDown({ endpoint: "http://a", atMs: Date.now(), forMs: 60_000 }));
  for (let call = 0; call < 3; call++) {
    const { candidate } = requireAdmitted(await admit(candidateAt("http://a", "http://b")));
    assert.equal(candidate.baseUrl, "http://b");
  }
});

Deno.test("where all cool down the call is refused at once, with the reason and when to come back", async () => {
  const { admit, health } = scene();
  health.hear(cooledDown({ endpoint: "http://a", atMs: Date.now(), forMs: 60_000 }));
  health.hear(cooledDown({ endpoint: "http://b", atMs: Date.now(), forMs: 5000 }));
  const failure = requireRefused(await admit(candidateAt("http://a", "http://b")));
  assert.equal(failure.class, "overloaded");
  assert.match(failure.message, /^local is not called until .* its last 5 calls failed: 503 Down$/);
  assert(failure.retryAfterMs! > 4000 && failure.retryAfterMs! <= 5000);
});

Deno.test("those who wait are told when the endpoint cools down meanwhile", async () => {
  const { admit, health } = scene();
  await admit(limited({}, "http://a"));
  const waiting = admit(limited({}, "http://a"));
  health.hear(cooledDown({ endpoint: "http://a", atMs: Date.now(), forMs: 60_000 }));
  assert.equal(requireRefused(await waiting).class, "overloaded");
});

Deno.test("after a cool-down one call tries, the others wait for what it finds", async () => {
  const { admit, health } = scene();
  health.hear(cooledDown({ endpoint: "http://a", atMs: Date.now() - 2000, forMs: 1000 }));
  const probe = requireAdmitted(await admit(candidateAt("http://a")));
  let others = 0;
  const waiting = [1, 2].map(async () => {
    requireAdmitted(await admit(candidateAt("http://a")));
    others++;
  });
  await Promise.resolve();
  assert.equal(others, 0);
  probe.answers();
  await Promise.all(waiting);
  assert.equal(health.stateOf({ provider: "local", endpoint: "http://a" }), "closed");
});

Deno.test("a probe that fails sends the others away, one that tells nothing is followed by the next", async () => {
  const { admit, health } = scene();
  health.hear(cooledDown({ endpoint: "http://a", atMs: Date.now() - 2000, forMs: 1000 }));
  const silent = requireAdmitted(await admit(candidateAt("http://a")));
  const second = admit(candidateAt("http://a"));
  const third = admit(candidateAt("http://a"));
  silent.release();
  const probe = requireAdmitted(await second);
  health.hear(failed({ endpoint: "http://a", atMs: Date.now() }));
  probe.release();
  assert.equal(requireRefused(await third).class, "overloaded");
});

Deno.test("an endpoint that has recovered elsewhere is called as usual", async () => {
  const { admit, health } = scene();
  health.hear(cooledDown({ endpoint: "http://a", atMs: Date.now() - 10, forMs: 60_000 }));
  health.hear(recovered({ endpoint: "http://a", atMs: Date.now() }));
  const calls = await Promise.all([1, 2].map(() => admit(candidateAt("http://a"))));
  calls.forEach(requireAdmitted);
});

Deno.test("the simulated provider has limits, and nothing that could cool down", async () => {
  const { admit, health } = scene();
  const simulated: Candidate = { ...limited({ queueMs: 5 }), kind: "simulated" };
  requireAdmitted(await admit(simulated));
  assert.equal(requireRefused(await admit(simulated)).class, "overloaded");
  assert.deepEqual(health.endpoints(), []);
});
