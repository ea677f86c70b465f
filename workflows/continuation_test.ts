import assert from "node:assert/strict";
import { continuationOf, continuedByInstruction, leftOf, writtenTokensOf } from "./continuation.ts";
import { anthropic } from "./providers/anthropic.ts";
import { callTo, withRecorded } from "./providers/fixture_server.ts";
import { openai } from "./providers/openai.ts";
import type { Provider, ProviderCall, ProviderChunk } from "./providers/provider.ts";
import { ProviderError } from "./providers/provider.ts";

const { candidate } = callTo("openai", "http://127.0.0.1/v1");
const vllm = { ...candidate, vllm: true };
const partial = { text: "Once upon", reasoning: "" };

Deno.test("each kind continues in its own way, unless the model's configuration says another", () => {
  assert.equal(continuationOf(partial, vllm, "auto"), "native");
  assert.equal(continuationOf(partial, candidate, "auto"), "instruct");
  assert.equal(continuationOf(partial, { ...candidate, kind: "anthropic" }, "auto"), "instruct");
  assert.equal(continuationOf(partial, { ...candidate, kind: "simulated" }, "auto"), "native");
  assert.equal(continuationOf(partial, { ...vllm, continuation: "restart" }, "auto"), "restart");
  assert.equal(continuationOf(partial, { ...candidate, continuation: "native" }, "auto"), "native");
});

Deno.test("nothing is continued where the route says so, or where nothing was said", () => {
  assert.equal(continuationOf(partial, vllm, "restart"), "restart");
  assert.equal(continuationOf({ text: " \n", reasoning: "Let me" }, vllm, "auto"), "restart");
});

Deno.test("an answer with thoughts is continued in words, as a server would take it for thoughts", () => {
  assert.equal(continuationOf({ ...partial, reasoning: "Let me see" }, vllm, "auto"), "instruct");
});

Deno.test("an answer in JSON is begun anew where its seam would have to be guessed", () => {
  const json = { ...partial, request: { messages: [], responseFormat: { type: "json" as const } } };
  assert.equal(continuationOf(json, candidate, "auto"), "restart");
  assert.equal(continuationOf(json, vllm, "auto"), "native");
});

/** A model that yields these chunks, and notes what it was sent. */
function modelOf(chunks: (ProviderChunk | Error)[], calls: ProviderCall[] = []): Provider {
  return {
    continuation: () => "instruct",
    async *stream(call) {
      calls.push(call);
      for (const chunk of chunks) {
        if (chunk instanceof Error) throw chunk;
        yield await Promise.resolve(chunk);
      }
    },
  };
}

const finish: ProviderChunk = { type: "finish", finishReason: { unified: "stop", raw: "stop" } };

/** What the continuation adds to the text and to the thoughts. */
async function continued(provider: Provider, text: string, reasoning = "") {
  const added = { text: "", reasoning: "", error: undefined as unknown };
  const call = { ...callTo("openai", ""), partialText: text };
  try {
    for await (const chunk of continuedByInstruction(provider, reasoning).stream(call)) {
      if (chunk.type === "text" || chunk.type === "reasoning") added[chunk.type] += chunk.text;
    }
  } catch (error) {
    added.error = error;
  }
  return added;
}

Deno.test("a model is told to go on after its own words, and what it repeats is left out", async () => {
  const calls: ProviderCall[] = [];
  const chunks: ProviderChunk[] = ["It sat ", "on the m", "at."].map((text) => ({
    type: "text",
    text,
  }));
  const added = await continued(modelOf([...chunks, finish], calls), "A cat came. It sat on the");
  assert.equal(added.text, " mat.");
  const [{ messages, partialText }] = calls;
  assert.equal(partialText, "");
  assert.deepEqual(messages.slice(0, 2), [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "A cat came. It sat on the" },
  ]);
  assert.equal(messages[2].role, "user");
  assert.match(String(messages[2].content), /<last_words>A cat came. It sat on the<\/last_words>$/);
});

Deno.test("a continuation that breaks off as well keeps what was held back", async () => {
  const error = new ProviderError({ class: "cut-off", message: "It broke" });
  const added = await continued(modelOf([{ type: "text", text: "on the ma" }, error]), "It sat on");
  assert.equal(added.text, " the ma");
  assert.equal(added.error, error);
});

Deno.test("further thoughts are a paragraph of their own", async () => {
  const chunks: ProviderChunk[] = [
    { type: "reasoning", text: "Where " },
    { type: "reasoning", text: "was I?" },
    { type: "text", text: " the mat." },
    finish,
  ];
  const added = await continued(modelOf(chunks), "It sat on", "A cat.");
  assert.equal(added.reasoning, "\n\nWhere was I?");
  assert.equal(added.text, " the mat.");
});

Deno.test("OpenAI and Anthropic are sent the partial answer and the instruction as messages", async () => {
  await withRecorded("openai", { body: "openai_answer.sse" }, async (call, requests) => {
    const told = { ...call, partialText: "Once upon", parameters: { maxTokens: 10 } };
    await Array.fromAsync(continuedByInstruction(openai, "").stream(told));
    const { messages, continue_final_message, max_tokens } = requests[0].body;
    assert.deepEqual(
      (messages as { role: string }[]).map(({ role }) => role),
      ["user", "assistant", "user"],
    );
    assert.equal(continue_final_message, undefined);
    assert.equal(max_tokens, 12, "with room for the words that it repeats");
  });
  await withRecorded("anthropic", { body: "anthropic_answer.sse" }, async (call, requests) => {
    const told = { ...call, partialText: "Once upon" };
    await Array.fromAsync(continuedByInstruction(anthropic, "").stream(told));
    const messages = requests[0].body.messages as { role: string; content: string }[];
    assert.deepEqual(messages.map(({ role }) => role), ["user", "assistant", "user"]);
    assert.equal(messages[1].content, "Once upon");
  });
});

Deno.test("vLLM's own continuation is read from where it goes on", () =>
  withRecorded("openai", { body: "vllm_continued.sse" }, async (call) => {
    const told = {
      ...call,
      candidate: { ...call.candidate, vllm: true },
      partialText: "Once upon",
    };
    const chunks = await Array.fromAsync(openai.stream(told));
    const text = chunks.map((chunk) => chunk.type === "text" ? chunk.text : "").join("");
    assert.equal(text, "ULTonULTonULTon");
  }));

Deno.test("the longest answer that was asked for is that of all its attempts together", () => {
  const attempt = (continues: number, outputTokens: number) =>
    ({ continues, usage: { outputTokens } }) as never;
  const attempts = [attempt(0, 30), attempt(0, 20), attempt(9, 5), attempt(12, 0)];
  assert.equal(writtenTokensOf(attempts), 25, "what was begun anew does not count");
  assert.deepEqual(leftOf({ maxTokens: 40, seed: 1 }, 25), { maxTokens: 15, seed: 1 });
  assert.deepEqual(leftOf({ maxTokens: 20 }, 25), { maxTokens: 1 });
  assert.deepEqual(leftOf({ seed: 1 }, 25), { seed: 1 });
});
