import assert from "node:assert/strict";
import { addToolCallDelta, type ToolCall } from "../../events/contract/tool_call.ts";
import { anthropic } from "./anthropic.ts";
import { type Recorded, withRecorded } from "./fixture_server.ts";
import { type ProviderCall, type ProviderChunk, ProviderError } from "./provider.ts";

/** What the provider yields, and the failure with which it ends, if it does. */
async function read(
  call: ProviderCall,
): Promise<{ chunks: ProviderChunk[]; failure?: ProviderError["failure"] }> {
  const chunks: ProviderChunk[] = [];
  try {
    for await (const chunk of anthropic.stream(call)) chunks.push(chunk);
    return { chunks };
  } catch (error) {
    assert(error instanceof ProviderError);
    return { chunks, failure: error.failure };
  }
}

function joined(chunks: ProviderChunk[], type: "text" | "reasoning"): string {
  return chunks.map((chunk) => chunk.type === type ? chunk.text : "").join("");
}

Deno.test("an answer is read with its reasoning, its usage and its reason to stop", () =>
  withRecorded("anthropic", { body: "anthropic_answer.sse" }, async (call) => {
    const { chunks } = await read(call);
    assert.equal(joined(chunks, "text"), "Hello!");
    assert.equal(joined(chunks, "reasoning"), "A greeting.");
    assert.deepEqual(chunks.findLast(({ type }) => type === "usage"), {
      type: "usage",
      usage: { inputTokens: 2125, outputTokens: 15, cachedTokens: 2000, reasoningTokens: 0 },
    });
    assert.deepEqual(chunks.at(-1), {
      type: "finish",
      finishReason: { unified: "stop", raw: "end_turn" },
    });
  }));

Deno.test("an answer of vLLM in Anthropic's words is read as well", () =>
  withRecorded("anthropic", { body: "vllm_messages_answer.sse" }, async (call) => {
    const { chunks } = await read(call);
    assert.equal(joined(chunks, "text"), " stored\n stored\n stored\n");
    assert.deepEqual(chunks.at(-1), {
      type: "finish",
      finishReason: { unified: "length", raw: "max_tokens" },
    });
  }));

Deno.test("an error inside the stream has its class, and what came before it is kept", () =>
  withRecorded("anthropic", { body: "anthropic_overloaded_in_stream.sse" }, async (call) => {
    const { chunks, failure } = await read(call);
    assert.equal(joined(chunks, "text"), "Hel");
    assert.equal(failure?.class, "overloaded");
  }));

Deno.test("errors are sorted into classes by their type", async () => {
  const cases: [number, string, string, string][] = [
    [529, "overloaded_error", "Overloaded", "overloaded"],
    [429, "rate_limit_error", "Slow down", "rate-limited"],
    [401, "authentication_error", "invalid x-api-key", "bad-credentials"],
    [400, "invalid_request_error", "prompt is too long: 210000 tokens", "context-too-long"],
    [400, "invalid_request_error", "max_tokens: must be positive", "bad-request"],
    [500, "api_error", "Internal", "overloaded"],
  ];
  for (const [status, type, message, expected] of cases) {
    const recorded: Recorded = { status, body: { type: "error", error: { type, message } } };
    await withRecorded("anthropic", recorded, async (call) => {
      assert.equal((await read(call)).failure?.class, expected, message);
    });
  }
});

Deno.test("a request has the limit that Anthropic needs, the system prompt and the key", () =>
  withRecorded("anthropic", { body: "anthropic_answer.sse" }, async (call, requests) => {
    await read({ ...call, systemPrompt: "Be brief.", parameters: { stop: ["END"] } });
    const [{ body, headers, path }] = requests;
    assert.equal(path, "/v1/messages");
    assert.equal(body.system, "Be brief.");
    assert.equal(body.max_tokens, 8192);
    assert.deepEqual(body.stop_sequences, ["END"]);
    assert.equal(headers.get("authorization"), "Bearer key");
  }));

Deno.test("calls of tools are read piece by piece, and one without arguments has none", () =>
  withRecorded("anthropic", { body: "anthropic_tool_use.sse" }, async (call) => {
    const chunks = await Array.fromAsync(anthropic.stream(call));
    const deltas = chunks.flatMap((chunk) => chunk.type === "tool-call" ? [chunk.delta] : []);
    assert.deepEqual(deltas.reduce<ToolCall[]>(addToolCallDelta, []), [
      { id: "toolu_1", name: "weather", arguments: '{"city": "Bern"}' },
      { id: "toolu_2", name: "now", arguments: "{}" },
    ]);
    assert.deepEqual(chunks.find(({ type }) => type === "finish"), {
      type: "finish",
      finishReason: { unified: "tool-calls", raw: "tool_use" },
    });
  }));
