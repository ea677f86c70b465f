/** The API for programs through real engines, by the official clients. */
import assert from "node:assert/strict";
import OpenAI from "openai";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

let test: TestStack;
let openai: OpenAI;

Deno.test.beforeAll(async () => {
  test = await startTestStack();
  openai = new OpenAI({ baseURL: `${test.stack.url}/v1`, apiKey: "any", maxRetries: 0 });
});

Deno.test.afterAll(() => test.stop());

function simulated(text: string, tokens?: number): string {
  return simulateAnswer(text, tokens).join("");
}

Deno.test("a completion is answered whole, with its usage and the id of its turn", async () => {
  const content = "How do retries work?";
  const messages = [
    { role: "system" as const, content: "Be brief." },
    { role: "user" as const, content },
  ];
  const { data, response } = await openai.chat.completions
    .create({ model: "demo", messages })
    .withResponse();
  assert.equal(data.choices[0].message.content, simulated(content));
  assert.equal(data.choices[0].finish_reason, "stop");
  assert.equal(data.model, "demo");
  assert.equal(data.usage?.completion_tokens, simulateAnswer(content).length);
  assert.equal(data.id, `chatcmpl-${response.headers.get("x-turnlog-turn-id")}`);
  const again = await openai.chat.completions.retrieve(data.id);
  assert.deepEqual(again, data);
});

Deno.test("a completion is streamed word by word, and its last chunk tells the usage", async () => {
  const content = "How do streams work?";
  const stream = await openai.chat.completions.create({
    model: "demo",
    messages: [{ role: "user", content }],
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await Array.fromAsync(stream);
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
  assert.equal(text, simulated(content));
  assert(chunks.length > 20, "it came in pieces");
  assert.equal(chunks.at(-2)?.choices[0].finish_reason, "stop");
  assert.equal(chunks.at(-1)?.usage?.completion_tokens, simulateAnswer(content).length);
});

Deno.test("each model and route is listed, and can be read by its name", async () => {
  const models = await Array.fromAsync(openai.models.list());
  const ids = models.map(({ id }) => id);
  assert(ids.includes("demo") && ids.includes("falls-back"), ids.join());
  assert.equal((await openai.models.retrieve("demo")).id, "demo");
});

const weather: OpenAI.ChatCompletionTool = {
  type: "function",
  function: {
    name: "weather",
    description: "Tells the weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const call = { id: "call_1", name: "weather", arguments: '{"city": "Bern", "days": 3}' };

Deno.test("tools go to the provider, calls come back, also streamed, and results go out again", async () => {
  const { provider } = test;
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Weather?" }];
  const asked = { model: "mock", messages, tools: [weather], tool_choice: "required" as const };
  provider.behave({ toolCalls: [call, { ...call, id: "call_2", arguments: "{}" }], tokenMs: 20 });
  const { choices: [whole] } = await openai.chat.completions.create(asked);
  assert.equal(whole.finish_reason, "tool_calls");
  assert.equal(whole.message.content, null);
  assert.deepEqual(whole.message.tool_calls, [
    { id: "call_1", type: "function", function: { name: "weather", arguments: call.arguments } },
    { id: "call_2", type: "function", function: { name: "weather", arguments: "{}" } },
  ]);
  assert.deepEqual(provider.requests.at(-1)?.body.tools, [weather]);
  assert.equal(provider.requests.at(-1)?.body.tool_choice, "required");

  const streamed = openai.chat.completions.stream(asked);
  const { choices: [final] } = await streamed.finalChatCompletion();
  assert.deepEqual(
    final.message.tool_calls?.map((call) => call.type === "function" && call.function.arguments),
    [call.arguments, "{}"],
  );

  provider.behave({ text: "It rains." });
  messages.push(whole.message, { role: "tool", tool_call_id: "call_1", content: "Rain" });
  const answer = await openai.chat.completions.create({ ...asked, tool_choice: "auto" });
  assert.equal(answer.choices[0].message.content, "It rains.");
  assert.deepEqual(provider.requests.at(-1)?.body.messages.slice(1), [
    { role: "assistant", content: null, tool_calls: whole.message.tool_calls },
    { role: "tool", tool_call_id: "call_1", content: "Rain" },
  ]);
});

Deno.test("images, unknown fields and the form of the answer reach the provider as they were sent", async () => {
  test.provider.behave({ text: "A cat" });
  const content: OpenAI.ChatCompletionContentPart[] = [
    { type: "text", text: "What is it?" },
    { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" } },
  ];
  const response_format = {
    type: "json_schema" as const,
    json_schema: { name: "animal", schema: { type: "object" }, strict: true },
  };
  await openai.chat.completions.create({
    model: "mock",
    messages: [{ role: "user", content }],
    response_format,
    reasoning_effort: "low",
    seed: 7,
    stop: ["\n\n"],
    max_completion_tokens: 99,
  });
  const { body } = test.provider.requests.at(-1)!;
  assert.deepEqual(body.messages, [{ role: "user", content }]);
  assert.deepEqual(body.response_format, response_format);
  assert.deepEqual(
    [body.reasoning_effort, body.seed, body.stop, body.max_tokens],
    ["low", 7, ["\n\n"], 99],
  );
});

Deno.test("an answer that breaks off in words is continued; one that breaks off in a call begins anew", async () => {
  const { provider } = test;
  const first = provider.requests.length;
  provider.behave((_request, index) =>
    index === first ? { fault: { afterTokens: 10, how: "cut" }, tokenMs: 5 } : {}
  );
  const content = "Break off";
  const stream = await openai.chat.completions.create({
    model: "mock",
    messages: [{ role: "user", content }],
    stream: true,
  });
  const chunks = await Array.fromAsync(stream);
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
  assert.equal(text, simulated(content));
  assert.equal(provider.requests.length, first + 2, "it did break off");

  const second = provider.requests.length;
  provider.behave((_request, index) => ({
    toolCalls: [call],
    tokenMs: 20,
    ...(index === second && { fault: { afterTokens: 2, how: "cut" } }),
  }));
  const asked = { model: "mock", messages: [{ role: "user" as const, content }], tools: [weather] };
  const { choices: [choice] } = await openai.chat.completions.create(asked);
  assert.equal(choice.message.tool_calls?.length, 1);
  assert.deepEqual(choice.message.tool_calls?.[0], {
    id: "call_1",
    type: "function",
    function: { name: "weather", arguments: call.arguments },
  });
  assert.equal(provider.requests.length, second + 2);
  assert.equal(provider.requests.at(-1)?.body.continue_final_message, undefined);
});

Deno.test("errors of providers and of the caller arrive as the client's own", async () => {
  const messages = [{ role: "user" as const, content: "Hi" }];
  const failureOf = async (model: string, stream = false) => {
    const failed = await openai.chat.completions.create({ model, messages, stream })
      .then(() => null, (error) => error);
    assert(failed instanceof OpenAI.APIError, `${model}: ${failed}`);
    return [failed.constructor, failed.code];
  };
  assert.deepEqual(await failureOf("nobody"), [OpenAI.NotFoundError, "model_not_found"]);
  assert.deepEqual(await failureOf("too-long"), [
    OpenAI.BadRequestError,
    "context_length_exceeded",
  ]);
  assert.deepEqual(await failureOf("overloaded", true), [
    OpenAI.InternalServerError,
    "overloaded",
  ]);
  test.provider.behave({
    error: {
      status: 429,
      body: { error: { message: "Slow down" } },
      headers: { "retry-after": "20" },
    },
  });
  assert.deepEqual(await failureOf("mock"), [OpenAI.RateLimitError, "rate_limit_exceeded"]);
});
