import assert from "node:assert/strict";
import { withinContext } from "./context_limit.ts";
import { callTo } from "./providers/fixture_server.ts";
import { openai } from "./providers/openai.ts";
import { type Provider, type ProviderCall, ProviderError } from "./providers/provider.ts";

const long = "word ".repeat(1000);

/** A provider that counts its calls, and says what its server takes. */
function counting(contextTokens?: number, failure?: ProviderError) {
  const calls: ProviderCall[] = [];
  const provider: Provider = {
    continuation: () => "restart",
    contextTokens: () => Promise.resolve(contextTokens),
    async *stream(call) {
      calls.push(call);
      if (failure) throw failure;
      yield await Promise.resolve({ type: "text" as const, text: "Hi" });
    },
  };
  return { provider: withinContext(provider), calls };
}

function callWith(text: string, changed: Partial<ProviderCall> = {}): ProviderCall {
  return { ...callTo("openai", ""), messages: [{ role: "user", content: text }], ...changed };
}

async function failureOf(provider: Provider, call: ProviderCall) {
  try {
    await Array.fromAsync(provider.stream(call));
  } catch (error) {
    assert(error instanceof ProviderError);
    return error.failure;
  }
  return null;
}

function withContext(contextTokens: number): Partial<ProviderCall> {
  return { candidate: { ...callTo("openai", "").candidate, contextTokens } };
}

Deno.test("a conversation beyond the context fails without a call, and says how long it is", async () => {
  const { provider, calls } = counting();
  const failure = await failureOf(provider, callWith(long, withContext(900)));
  assert.equal(failure?.class, "context-too-long");
  assert.equal(failure?.contextTokens, 900);
  assert.match(failure!.message, /has 1001 tokens at least/);
  assert.equal(calls.length, 0);
});

Deno.test("one that may fit is sent, however near it is", async () => {
  const { provider, calls } = counting();
  assert.equal(await failureOf(provider, callWith(long, withContext(1002))), null);
  assert.equal(calls.length, 1);
});

Deno.test("the system prompt, the partial answer and what was asked for count", async () => {
  const { provider, calls } = counting();
  for (
    const changed of [
      { systemPrompt: long },
      { partialText: long },
      { parameters: { maxTokens: 1000 } },
    ]
  ) {
    const call = callWith(long, { ...withContext(1500), ...changed });
    assert.equal((await failureOf(provider, call))?.class, "context-too-long");
  }
  assert.equal(calls.length, 0);
});

Deno.test("where turnlog.yaml names no context, the server's own counts", async () => {
  const { provider, calls } = counting(900);
  assert.equal((await failureOf(provider, callWith(long)))?.contextTokens, 900);
  assert.equal(calls.length, 0);
  const unknown = counting(undefined);
  assert.equal(await failureOf(unknown.provider, callWith(long)), null);
});

Deno.test("a provider that counts finer than the estimate has the last word", async () => {
  const tooLong = new ProviderError({ class: "context-too-long", message: "1010 > 1002" });
  const { provider } = counting(undefined, tooLong);
  const failure = await failureOf(provider, callWith(long, withContext(1002)));
  assert.deepEqual(failure, { ...tooLong.failure, contextTokens: 1002 });
});

Deno.test("vLLM's list of models tells the context of the one that is asked", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      Response.json({
        data: [{ id: "other", max_model_len: 9 }, { id: "m", max_model_len: 2048 }],
      }),
  );
  const call = callTo("openai", `http://127.0.0.1:${server.addr.port}/v1`);
  const vllm = { ...call, candidate: { ...call.candidate, vllm: true } };
  assert.equal(await openai.contextTokens!(vllm), 2048);
  assert.equal(await openai.contextTokens!(call), undefined, "others are not asked");
});
