/** The API for programs through real engines, by the official clients. */
import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { until } from "../scripts/load/until.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

let test: TestStack;
let openai: OpenAI;
let anthropic: Anthropic;

Deno.test.beforeAll(async () => {
  test = await startTestStack();
  const { url } = test.stack;
  openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "any", maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: url, apiKey: "any", authToken: null, maxRetries: 0 });
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
  assert(chunks.length > 5, "it came in pieces");
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
  const { id } = await openai.chat.completions.create({
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
  const turnId = id.replace("chatcmpl-", "");
  await until("its events are in ClickHouse", 10_000, async () => {
    const rows = await test.query(
      `SELECT event_type FROM events FINAL WHERE turn_id = '${turnId}'`,
    );
    return rows.length === 5;
  });
});

Deno.test("an image of a megabyte travels with its turn", async () => {
  test.provider.behave({ text: "A large cat" });
  const url = `data:image/png;base64,${"A".repeat(1_400_000)}`;
  const answer = await openai.chat.completions.create({
    model: "mock",
    messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }],
  });
  assert.equal(answer.choices[0].message.content, "A large cat");
  const [{ content }] = test.provider.requests.at(-1)!.body.messages;
  assert.equal(content[0].image_url.url.length, url.length);
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
  assert.deepEqual(await failureOf("limited"), [OpenAI.RateLimitError, "rate_limit_exceeded"]);
});

/** Reads a completion by its id as a stream. @param after The place of an event; the whole answer where it is absent. */
async function readAgain(id: string, after?: string): Promise<{ text: string; isDone: boolean }> {
  const query = new URLSearchParams({ stream: "true", ...(after && { after }) });
  const response = await fetch(`${test.stack.url}/v1/chat/completions/${id}?${query}`, {
    headers: { authorization: "Bearer any" },
  });
  const body = await response.text();
  assert(response.ok, body);
  const data = body.split("\n").flatMap((line) => line.startsWith("data: ") ? [line.slice(6)] : []);
  const chunks = data.filter((text) => text !== "[DONE]").map((text) => JSON.parse(text));
  const texts = chunks.map(({ choices }) => choices[0]?.delta.content ?? "");
  return { text: texts.join(""), isDone: data.at(-1) === "[DONE]" };
}

Deno.test("an answer whose api is killed in the middle is read to its end by its id, and by its key", async () => {
  const content = "Killed in the middle";
  const asked = { model: "slow", messages: [{ role: "user" as const, content }], stream: true };
  const key = { headers: { "idempotency-key": crypto.randomUUID() } };
  const response = await fetch(`${test.stack.url}/v1/chat/completions`, {
    method: "POST",
    headers: { ...key.headers, authorization: "Bearer any", "content-type": "application/json" },
    body: JSON.stringify(asked),
  });
  const turnId = response.headers.get("x-turnlog-turn-id")!;
  let seen = "";
  const reading = (async () => {
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) seen += piece;
  })().catch(() => {});
  await until("some of it has come", 10_000, () => Promise.resolve(seen.length > 2000));
  await test.stack.kill("api");
  await reading;
  assert(!seen.includes("[DONE]"), "it was in the middle");
  // What came whole; the last event may have been cut.
  const events = seen.split("\n\n").slice(0, -1).filter((event) => event.startsWith("id: "));
  const texts = events.map((event) =>
    JSON.parse(event.slice(event.indexOf("data: ") + 6)).choices[0].delta.content
  );
  const [, after] = /^id: (.*)$/m.exec(events.at(-1)!)!;

  await until("the api is back", 20_000, async () => {
    const ready = await fetch(`${test.stack.url}/healthz`).catch(() => null);
    await ready?.body?.cancel();
    return ready?.ok ?? false;
  });
  const rest = await readAgain(turnId, after);
  assert(rest.isDone);
  assert.equal(texts.join("") + rest.text, simulated(content, 300));
  assert.deepEqual(await readAgain(turnId), { text: simulated(content, 300), isDone: true });

  const again = await openai.chat.completions.create({ ...asked, stream: true }, key).asResponse();
  assert.equal(again.headers.get("x-turnlog-turn-id"), turnId);
  assert.match(await again.text(), /\[DONE\]\n\n$/);
  const other = { ...asked, stream: true as const, seed: 1 };
  await assert.rejects(openai.chat.completions.create(other, key), OpenAI.ConflictError);
});

Deno.test("a turn outlives its caller, unless the caller asked that it stops with them", async () => {
  const leave = async (headers: Record<string, string>) => {
    const abort = new AbortController();
    const response = await openai.chat.completions.create({
      model: "slow",
      messages: [{ role: "user", content: "I leave" }],
      stream: true,
    }, { headers, signal: abort.signal }).asResponse();
    const reader = response.body!.getReader();
    await reader.read();
    abort.abort();
    return response.headers.get("x-turnlog-turn-id")!;
  };
  const stays = await leave({});
  const stopped = await leave({ "x-turnlog-on-disconnect": "stop" });
  const isWhole = (text: string) => text === simulated("I leave", 300);
  assert(isWhole((await readAgain(stays)).text));
  const { text, isDone } = await readAgain(stopped);
  assert(isDone && !isWhole(text) && simulated("I leave", 300).startsWith(text), text);
});

Deno.test("an answer that can only be begun anew ends its stream with an error, and is whole by its id", async () => {
  const content = "Begin anew";
  const { provider } = test;
  const first = provider.requests.length;
  provider.behave((_request, index) =>
    index === first
      ? { text: "Once upon a time there was", fault: { afterTokens: 4, how: "cut" }, tokenMs: 20 }
      : { text: "Another beginning" }
  );
  const stream = await openai.chat.completions.create({
    model: "restarts",
    messages: [{ role: "user", content }],
    stream: true,
  });
  let id = "";
  await assert.rejects(async () => {
    for await (const chunk of stream) id = chunk.id;
  }, (error) => error instanceof OpenAI.APIError && error.code === "answer_replaced");
  const whole = await openai.chat.completions.retrieve(id);
  assert.equal(whole.choices[0].message.content, "Another beginning");
});

Deno.test("Anthropic's client is answered whole and in pieces", async () => {
  const content = "How do messages work?";
  const asked = {
    model: "demo",
    max_tokens: 60,
    system: "Be brief.",
    messages: [{ role: "user" as const, content }],
  };
  const message = await anthropic.messages.create(asked);
  const expected = simulateAnswer(content).slice(0, 60).join("");
  assert.deepEqual(message.content.map((block) => block.type === "text" && block.text), [expected]);
  assert.equal(message.stop_reason, "max_tokens");
  assert.equal(message.usage.output_tokens, 60);

  const events: string[] = [];
  const stream = anthropic.messages.stream(asked).on("streamEvent", ({ type }) => {
    events.push(type);
  });
  assert.equal(await stream.finalText(), expected);
  assert.deepEqual([events[0], events.at(-1)], ["message_start", "message_stop"]);
  assert(events.length > 8, "it came in pieces");
});

Deno.test("Anthropic's client calls tools at a provider that speaks OpenAI's API, and sends images there", async () => {
  const { provider } = test;
  const tools: Anthropic.Tool[] = [{
    name: "weather",
    input_schema: { type: "object", properties: { city: { type: "string" } } },
  }];
  const messages: Anthropic.MessageParam[] = [{
    role: "user",
    content: [
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
      { type: "text", text: "Weather there?" },
    ],
  }];
  const asked = { model: "mock", max_tokens: 100, messages, tools };
  provider.behave({ toolCalls: [call], tokenMs: 20 });
  const message = await anthropic.messages.stream(asked).finalMessage();
  assert.equal(message.stop_reason, "tool_use");
  assert.deepEqual(message.content, [
    { type: "tool_use", id: "call_1", name: "weather", input: { city: "Bern", days: 3 } },
  ]);
  assert.deepEqual(provider.requests.at(-1)?.body.messages[0].content[0], {
    type: "image_url",
    image_url: { url: "data:image/png;base64,iVBORw0KGgo=" },
  });

  provider.behave({ text: "It rains." });
  messages.push({ role: "assistant", content: message.content }, {
    role: "user",
    content: [{ type: "tool_result", tool_use_id: "call_1", content: "Rain" }],
  });
  const answer = await anthropic.messages.create(asked);
  assert.deepEqual(answer.content.map((block) => block.type === "text" && block.text), [
    "It rains.",
  ]);
  assert.deepEqual(provider.requests.at(-1)?.body.messages.at(-1), {
    role: "tool",
    tool_call_id: "call_1",
    content: "Rain",
  });
});

Deno.test("errors arrive as Anthropic's client knows them, and it lists the models", async () => {
  const messages = [{ role: "user" as const, content: "Hi" }];
  const failureOf = (model: string) =>
    anthropic.messages.create({ model, max_tokens: 10, messages }).then(
      () => null,
      (error) => error,
    );
  assert((await failureOf("nobody")) instanceof Anthropic.NotFoundError);
  assert((await failureOf("too-long")) instanceof Anthropic.BadRequestError);
  assert((await failureOf("overloaded")) instanceof Anthropic.InternalServerError);
  const models = await Array.fromAsync(anthropic.models.list());
  assert(models.some(({ id, display_name }) => id === "demo" && display_name === "demo"));
});
