import assert from "node:assert/strict";
import { addToolCallDelta, type ToolCall } from "../../events/contract/tool_call.ts";
import { callTo, type Recorded, withRecorded } from "./fixture_server.ts";
import { openai } from "./openai.ts";
import { type ProviderCall, type ProviderChunk, ProviderError } from "./provider.ts";

async function chunksOf(call: ProviderCall): Promise<ProviderChunk[]> {
  return await Array.fromAsync(openai.stream(call));
}

function textOf(chunks: ProviderChunk[]): string {
  return chunks.map((chunk) => chunk.type === "text" ? chunk.text : "").join("");
}

async function failureOf(recorded: Recorded): Promise<ProviderError["failure"]> {
  let failure: ProviderError["failure"] | undefined;
  await withRecorded("openai", recorded, async (call) => {
    await assert.rejects(chunksOf(call), (error) => {
      assert(error instanceof ProviderError);
      failure = error.failure;
      return true;
    });
  });
  return failure!;
}

Deno.test("an answer of OpenAI is read with its model, usage and finish reason", () =>
  withRecorded("openai", { body: "openai_answer.sse" }, async (call) => {
    const chunks = await chunksOf(call);
    assert.equal(textOf(chunks), "Hello!");
    assert.deepEqual(chunks[0], { type: "model", model: "gpt-6.1-sol-2026-09-29" });
    assert.deepEqual(chunks.find(({ type }) => type === "finish"), {
      type: "finish",
      finishReason: { unified: "stop", raw: "stop" },
    });
    assert.deepEqual(chunks.at(-1), {
      type: "usage",
      usage: {
        inputTokens: 1200,
        outputTokens: 74,
        cachedTokens: 1024,
        reasoningTokens: 64,
      },
    });
  }));

Deno.test("an answer of vLLM is read, with usage in every chunk", () =>
  withRecorded("openai", { body: "vllm_answer.sse" }, async (call, requests) => {
    const chunks = await chunksOf({ ...call, candidate: { ...call.candidate, vllm: true } });
    assert.equal(textOf(chunks), " stored\n stored\n stored\n");
    assert.deepEqual(chunks.find(({ type }) => type === "finish"), {
      type: "finish",
      finishReason: { unified: "length", raw: "length" },
    });
    const usages = chunks.flatMap((chunk) => chunk.type === "usage" ? [chunk.usage] : []);
    assert.deepEqual(usages.map(({ outputTokens }) => outputTokens), [0, 1, 2, 3, 4, 5, 6, 6]);
    assert.deepEqual(requests[0].body.stream_options, {
      include_usage: true,
      continuous_usage_stats: true,
    });
  }));

Deno.test("an answer that vLLM aborts is cut off, although its stream ends properly", async () => {
  const failure = await failureOf({ body: "vllm_abort.sse" });
  assert.equal(failure.class, "cut-off");
});

Deno.test("errors are sorted into classes by what the server says", async () => {
  const cases: [Recorded, string][] = [
    [{ status: 400, body: "vllm_context_too_long.json" }, "context-too-long"],
    [{ status: 404, body: "vllm_unknown_model.json" }, "bad-request"],
    [
      { status: 401, body: { error: { message: "Incorrect key", code: "invalid_api_key" } } },
      "bad-credentials",
    ],
    [
      { status: 429, body: { error: { message: "Quota", code: "insufficient_quota" } } },
      "bad-credentials",
    ],
    [
      { status: 400, body: { error: { message: "Long", code: "context_length_exceeded" } } },
      "context-too-long",
    ],
    [
      { status: 400, body: { error: { message: "No", code: "content_policy_violation" } } },
      "refused",
    ],
    [{ status: 503, body: { error: { message: "Busy" } } }, "overloaded"],
  ];
  for (const [recorded, expected] of cases) {
    assert.equal((await failureOf(recorded)).class, expected, JSON.stringify(recorded));
  }
});

Deno.test("a rate limit tells how long to wait", async () => {
  const failure = await failureOf({
    status: 429,
    headers: { "retry-after": "3" },
    body: { error: { message: "Slow down", code: "rate_limit_exceeded" } },
  });
  assert.equal(failure.class, "rate-limited");
  assert.equal(failure.retryAfterMs, 3000);
});

Deno.test("a server that is not there is unreachable, and the message tells why", async () => {
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = server.addr as Deno.NetAddr;
  server.close();
  await assert.rejects(chunksOf(callTo("openai", `http://127.0.0.1:${port}/v1`)), (error) => {
    assert(error instanceof ProviderError);
    assert.equal(error.failure.class, "unreachable");
    assert.match(error.failure.message, /p cannot be reached: .*refused/i);
    return true;
  });
});

Deno.test("auto asks the server for its models", () =>
  withRecorded("openai", { body: "vllm_answer.sse" }, async (call, requests) => {
    await chunksOf({ ...call, candidate: { ...call.candidate, requestModel: "auto" } });
    assert.equal(requests[0].body.model, "listed");
  }));

Deno.test("a partial answer is continued natively, in the words of vLLM", () =>
  withRecorded("openai", { body: "vllm_answer.sse" }, async (call, requests) => {
    await chunksOf({ ...call, partialText: "Once upon", systemPrompt: "Be brief." });
    const { messages, continue_final_message, add_generation_prompt } = requests[0].body;
    assert.deepEqual(messages, [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Once upon" },
    ]);
    assert.equal(continue_final_message, true);
    assert.equal(add_generation_prompt, false);
  }));

Deno.test("what the user asked for outranks the model's parameters, and neither picks the model", () =>
  withRecorded("openai", { body: "openai_answer.sse" }, async (call, requests) => {
    const parameters = { temperature: 1, top_k: 5, model: "another", stream: false };
    await chunksOf({
      ...call,
      candidate: { ...call.candidate, parameters },
      parameters: { temperature: 0.2, maxTokens: 10 },
    });
    const { body } = requests[0];
    assert.equal(body.temperature, 0.2);
    assert.equal(body.top_k, 5);
    assert.equal(body.max_tokens, 10);
    assert.equal(body.model, "m");
    assert.equal(body.stream, true);
  }));

Deno.test("a server without keys is sent none", () =>
  withRecorded("openai", { body: "openai_answer.sse" }, async (call, requests) => {
    await chunksOf({ ...call, apiKey: undefined });
    assert.equal(requests[0].headers.get("authorization"), null);
  }));

Deno.test("calls of tools are read piece by piece", () =>
  withRecorded("openai", { body: "openai_tool_calls.sse" }, async (call, requests) => {
    const tools = [{ name: "weather", parameters: { type: "object" } }];
    const chunks = await chunksOf({ ...call, tools });
    const deltas = chunks.flatMap((chunk) => chunk.type === "tool-call" ? [chunk.delta] : []);
    assert.deepEqual(deltas.reduce<ToolCall[]>(addToolCallDelta, []), [
      { id: "call_1", name: "weather", arguments: '{"city":"Bern"}' },
      { id: "call_2", name: "weather", arguments: '{"city":"Rome"}' },
    ]);
    assert.deepEqual(chunks.find(({ type }) => type === "finish"), {
      type: "finish",
      finishReason: { unified: "tool-calls", raw: "tool_calls" },
    });
    assert.deepEqual(requests[0].body.tools, [{ type: "function", function: tools[0] }]);
  }));
