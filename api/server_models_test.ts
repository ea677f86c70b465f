import assert from "node:assert/strict";
import { ServerModelsReader } from "./server_models.ts";

/** Path → status and body. */
type Answers = Record<string, [number, unknown]>;

/** A server that answers as told; 404 to all else. */
async function read(answers: Answers) {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const [status, body] = answers[new URL(request.url).pathname] ??
        [404, { detail: "Not Found" }];
      return Response.json(body, { status });
    },
  );
  return await new ServerModelsReader().read(`http://127.0.0.1:${server.addr.port}/v1`, undefined);
}

const vllmList = {
  data: [
    { id: "tiny", owned_by: "vllm", parent: null, max_model_len: 2048 },
    { id: "poet", owned_by: "vllm", parent: "tiny", max_model_len: null },
  ],
};

Deno.test("vLLM tells whether it sleeps, what it can be asked for, and its adapters", async () => {
  const answers: Answers = {
    "/v1/models": [200, vllmList],
    "/health": [200, {}],
    "/is_sleeping": [200, { is_sleeping: true }],
    "/v1/load_lora_adapter": [405, { detail: "Method Not Allowed" }],
  };
  const asleep = await read(answers);
  assert(asleep.reachable);
  assert.equal(asleep.software, "vllm");
  assert.deepEqual([asleep.state, asleep.canSleep, asleep.takesAdapters], ["asleep", true, true]);
  assert.deepEqual(asleep.models, [
    { name: "tiny", contextTokens: 2048, parent: null },
    { name: "poet", contextTokens: null, parent: "tiny" },
  ]);
  const plain = await read({ "/v1/models": [200, vllmList], "/health": [200, {}] });
  assert(plain.reachable);
  assert.deepEqual([plain.state, plain.canSleep, plain.takesAdapters], ["awake", false, false]);
  const dead = await read({ ...answers, "/health": [503, {}] });
  assert(dead.reachable);
  assert.equal(dead.state, "failed");
  assert.match(dead.reason!, /answers 503/);
});

// As its documentation has it: 503 with this error until the model is loaded.
const llamaLoading = { error: { code: 503, message: "Loading model", type: "unavailable_error" } };

Deno.test("llama.cpp tells by its health that it is loading its model", async () => {
  const list = { data: [{ id: "llama.gguf", owned_by: "llamacpp" }] };
  const ready = await read({ "/v1/models": [200, list], "/health": [200, { status: "ok" }] });
  assert(ready.reachable);
  assert.deepEqual([ready.software, ready.state], ["llama.cpp", "awake"]);
  const loading = await read({ "/v1/models": [200, list], "/health": [503, llamaLoading] });
  assert(loading.reachable);
  assert.equal(loading.state, "loading");
  const hidden = await read({ "/v1/models": [503, llamaLoading] });
  assert(!hidden.reachable && hidden.isLoading);
});

Deno.test("Ollama is well where it tells its version", async () => {
  const list = { data: [{ id: "llama3.2:latest", owned_by: "library" }] };
  const well = await read({
    "/v1/models": [200, list],
    "/api/version": [200, { version: "0.13" }],
  });
  assert(well.reachable);
  assert.deepEqual([well.software, well.state], ["ollama", "awake"]);
  const ill = await read({ "/v1/models": [200, list], "/api/version": [500, {}] });
  assert(ill.reachable);
  assert.equal(ill.state, "failed");
});

Deno.test("any other server is well where it lists its models, and the reason is told where it does not", async () => {
  const other = await read({ "/v1/models": [200, { data: [{ id: "m" }] }] });
  assert(other.reachable);
  assert.deepEqual([other.software, other.state, other.canSleep], [null, "awake", false]);
  const locked = await read({ "/v1/models": [401, {}] });
  assert(!locked.reachable);
  assert.match(locked.reason, /its key is missing or wrong/);
});
