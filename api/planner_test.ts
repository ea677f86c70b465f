import assert from "node:assert/strict";
import { parseConfig } from "./config_file.ts";
import { planCandidates, PlanError } from "./planner.ts";

const config = parseConfig(
  `
providers:
  local: { kind: openai, baseUrl: "\${VLLM_URL}", apiKey: "env:VLLM_API_KEY", vllm: true }
  anthropic: { kind: anthropic, apiKey: "env:ANTHROPIC_API_KEY" }
  simulated: { kind: simulated }
models:
  local: { provider: local, name: auto }
  sonnet: { provider: anthropic, name: claude-sonnet, price: { input: 2, output: 10 } }
  demo: { provider: simulated }
routes:
  default: { candidates: [local, sonnet], whenNoneConfigured: demo, onExhausted: wait, retry: { attempts: 3 } }
  strict: { candidates: [local] }
`,
  "turnlog.yaml",
);

function plan(asked: string, variables: Record<string, string> = {}) {
  return planCandidates(config, asked, (name) => variables[name]);
}

Deno.test("a route plans its configured candidates, in their order", () => {
  const variables = { VLLM_URL: "http://gpu:8000", ANTHROPIC_API_KEY: "k" };
  const { candidates, onExhausted, retry } = plan("default", variables);
  assert.deepEqual(candidates.map(({ model }) => model), ["local", "sonnet"]);
  assert.equal(onExhausted, "wait");
  assert.equal(retry.attempts, 3);
});

Deno.test("a candidate without its address or key is left out", () => {
  const { candidates } = plan("default", { ANTHROPIC_API_KEY: "k" });
  assert.deepEqual(candidates.map(({ model }) => model), ["sonnet"]);
});

Deno.test("the stand-in answers only where no candidate is configured", () => {
  assert.deepEqual(plan("default").candidates.map(({ model }) => model), ["demo"]);
});

Deno.test("a plan holds the key's name, never the key", () => {
  const { candidates } = plan("sonnet", { ANTHROPIC_API_KEY: "sk-secret" });
  assert.equal(candidates[0].apiKey, "env:ANTHROPIC_API_KEY");
  assert.doesNotMatch(JSON.stringify(candidates), /sk-secret/);
});

Deno.test("the address of a compatible server may leave out /v1", () => {
  for (const address of ["http://gpu:8000", "http://gpu:8000/", "http://gpu:8000/v1/"]) {
    assert.equal(plan("local", { VLLM_URL: address }).candidates[0].baseUrl, "http://gpu:8000/v1");
  }
  const other = plan("local", { VLLM_URL: "https://gateway/openai" });
  assert.equal(other.candidates[0].baseUrl, "https://gateway/openai");
});

Deno.test("a model that is asked for by name is asked alone and does not wait", () => {
  const { candidates, onExhausted } = plan("demo");
  assert.deepEqual(candidates.map(({ model }) => model), ["demo"]);
  assert.equal(onExhausted, "fail");
});

Deno.test("an unknown name is told with those that there are", () => {
  assert.throws(() => plan("lama"), (error) => {
    assert(error instanceof PlanError);
    assert.equal(error.reason, "unknown");
    assert.match(error.message, /default, strict, local, sonnet, demo/);
    return true;
  });
  assert.throws(() => plan("constructor"), PlanError);
});

Deno.test("a model that is not configured is told with what is missing", () => {
  assert.throws(() => plan("strict"), /VLLM_URL is not set/);
  assert.throws(() => plan("local", { VLLM_URL: "gpu:8000" }), /no http/);
});

Deno.test("an address with a password is refused, and not repeated", () => {
  assert.throws(() => plan("local", { VLLM_URL: "http://me:secret@gpu:8000" }), (error) => {
    assert(error instanceof PlanError);
    assert.match(error.message, /holds a password/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

Deno.test("a provider may answer at several addresses, in a variable or in a list", () => {
  const { candidates: [candidate] } = plan("local", {
    VLLM_URL: "http://gpu1:8000, http://gpu2:8000,http://gpu1:8000",
  });
  assert.equal(candidate.baseUrl, "http://gpu1:8000/v1");
  assert.deepEqual(candidate.baseUrls, ["http://gpu1:8000/v1", "http://gpu2:8000/v1"]);
  const { candidates: [listed] } = planCandidates(
    parseConfig(
      `
providers: { local: { kind: openai, baseUrl: ["http://gpu1:8000", "\${MORE}"] } }
models: { local: { provider: local } }
routes: { default: { candidates: [local] } }
`,
      "turnlog.yaml",
    ),
    "local",
    () => "http://gpu2:8000,http://gpu3:8000",
  );
  assert.equal(listed.baseUrls?.length, 3);
});

Deno.test("a single address is no list of addresses", () => {
  const { candidates: [candidate] } = plan("local", { VLLM_URL: "http://gpu:8000" });
  assert.equal(candidate.baseUrls, undefined);
});

Deno.test("an address with a password among several, or with a query, is refused and not repeated", () => {
  for (const address of ["http://gpu:8000,http://me:secret@gpu", "http://gpu:8000/v1?key=secret"]) {
    assert.throws(() => plan("local", { VLLM_URL: address }), (error) => {
      assert(error instanceof PlanError);
      assert.match(error.message, /holds a password or a query/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  }
});

Deno.test("a plan carries the provider's limits and breaker, so that a worker needs no catalogue", () => {
  const { candidates: [candidate] } = plan("demo");
  assert.deepEqual(candidate.limits, { concurrent: 1000, queued: 1000, queueMs: 30_000 });
  assert.deepEqual(candidate.breaker, { failures: 5, cooldownMs: 30_000 });
});
