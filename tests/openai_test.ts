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
