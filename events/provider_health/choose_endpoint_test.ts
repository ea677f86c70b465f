import assert from "node:assert/strict";
import { chooseEndpoint, type EndpointOption } from "./choose_endpoint.ts";

const nowMs = 100_000;

function option(endpoint: string, known: Partial<EndpointOption> = {}): EndpointOption {
  return { endpoint, inFlight: 0, serverLoad: null, lastFailedMs: null, lastChosenMs: 0, ...known };
}

Deno.test("the endpoint with the fewest calls under way is chosen", () => {
  assert.equal(
    chooseEndpoint([option("a", { inFlight: 3 }), option("b", { inFlight: 2 })], nowMs),
    "b",
  );
});

Deno.test("of equal ones it is the one that was not chosen for longest", () => {
  const options = [option("a", { lastChosenMs: 20 }), option("b", { lastChosenMs: 10 })];
  assert.equal(chooseEndpoint(options, nowMs), "b");
});

Deno.test("what the servers say outweighs what is known here, where all of them say it", () => {
  const a = option("a", { inFlight: 0, serverLoad: 9 });
  assert.equal(chooseEndpoint([a, option("b", { inFlight: 2, serverLoad: 3 })], nowMs), "b");
  assert.equal(chooseEndpoint([a, option("b", { inFlight: 2 })], nowMs), "a");
});

Deno.test("an endpoint that has just failed comes last, and is called again soon after", () => {
  const b = option("b", { inFlight: 7 });
  assert.equal(chooseEndpoint([option("a", { lastFailedMs: nowMs - 500 }), b], nowMs), "b");
  assert.equal(chooseEndpoint([option("a", { lastFailedMs: nowMs - 5000 }), b], nowMs), "a");
});
