import assert from "node:assert/strict";
import { mapMessage, mapRequest } from "./openai_request.ts";

Deno.test("images, tool calls and their results go out in OpenAI's words", () => {
  const image = "data:image/png;base64,AAAA";
  assert.deepEqual(
    mapMessage({
      role: "user",
      content: [{ type: "text", text: "What is it?" }, {
        type: "image",
        url: image,
        detail: "low",
      }],
    }),
    {
      role: "user",
      content: [
        { type: "text", text: "What is it?" },
        { type: "image_url", image_url: { url: image, detail: "low" } },
      ],
    },
  );
  const call = { id: "call_1", name: "weather", arguments: '{"city":"Bern"}' };
  assert.deepEqual(mapMessage({ role: "assistant", content: "", toolCalls: [call] }), {
    role: "assistant",
    content: null,
    tool_calls: [{
      id: "call_1",
      type: "function",
      function: { name: "weather", arguments: '{"city":"Bern"}' },
    }],
  });
  assert.deepEqual(mapMessage({ role: "tool", toolCallId: "call_1", content: "Rain" }), {
    role: "tool",
    tool_call_id: "call_1",
    content: "Rain",
  });
});

Deno.test("unknown fields go to OpenAI's kind alone, and replace nothing that is known", () => {
  const fields = { reasoning_effort: "low", tools: [] };
  const tools = [{ name: "weather", parameters: { type: "object" } }];
  const toOpenAi = mapRequest({
    messages: [],
    tools,
    toolChoice: { name: "weather" },
    responseFormat: { type: "json-schema", name: "answer", schema: {}, strict: true },
    passthrough: { kind: "openai", fields },
  });
  assert.deepEqual(toOpenAi, {
    reasoning_effort: "low",
    tools: [{ type: "function", function: tools[0] }],
    tool_choice: { type: "function", function: { name: "weather" } },
    response_format: {
      type: "json_schema",
      json_schema: { name: "answer", schema: {}, strict: true },
    },
  });
  assert.deepEqual(mapRequest({ messages: [], passthrough: { kind: "anthropic", fields } }), {});
});
