import assert from "node:assert/strict";
import type { ChatMessage } from "../../events/contract/chat_request.ts";
import { mapMessages, mapRequest, systemOf } from "./anthropic_request.ts";

Deno.test("system texts stand apart, and what tools answered is one message of the user's", () => {
  const messages: ChatMessage[] = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Weather in Bern and Rome?" },
    {
      role: "assistant",
      content: "I look.",
      toolCalls: [
        { id: "a", name: "weather", arguments: '{"city":"Bern"}' },
        { id: "b", name: "now", arguments: "" },
      ],
    },
    { role: "tool", toolCallId: "a", content: "Rain" },
    { role: "tool", toolCallId: "b", content: "No clock", isError: true },
    { role: "user", content: "And?" },
  ];
  const mapped = mapMessages(messages);
  assert.deepEqual(mapped, [
    { role: "user", content: "Weather in Bern and Rome?" },
    {
      role: "assistant",
      content: [
        { type: "text", text: "I look." },
        { type: "tool_use", id: "a", name: "weather", input: { city: "Bern" } },
        { type: "tool_use", id: "b", name: "now", input: {} },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "a", content: [{ type: "text", text: "Rain" }] },
        {
          type: "tool_result",
          tool_use_id: "b",
          content: [{ type: "text", text: "No clock" }],
          is_error: true,
        },
        { type: "text", text: "And?" },
      ],
    },
  ]);
  const request = { messages, responseFormat: { type: "json" } as const };
  assert.deepEqual(systemOf({ ...request, systemPrompt: "You are Turnlog." }), {
    system: "You are Turnlog.\n\nBe brief.\n\nAnswer with one JSON object and nothing else.",
  });
  assert.deepEqual(systemOf({ messages: [], systemPrompt: undefined }), {});
});

Deno.test("an image goes as its bytes or as its address", () => {
  const content = [
    { type: "image" as const, url: "data:image/png;base64,AAAA" },
    { type: "image" as const, url: "https://example.org/a.png" },
    { type: "text" as const, text: "" },
  ];
  assert.deepEqual(mapMessages([{ role: "user", content }]), [{
    role: "user",
    content: [
      { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
      { type: "image", source: { type: "url", url: "https://example.org/a.png" } },
    ],
  }]);
});

Deno.test("arguments that are not JSON are the caller's fault, and are called so", () => {
  const toolCalls = [{ id: "a", name: "weather", arguments: "{" }];
  assert.throws(
    () => mapMessages([{ role: "assistant", content: "", toolCalls }]),
    /the tool weather are not JSON/,
  );
});

Deno.test("tools, the choice among them and a schema go out in Anthropic's words", () => {
  assert.deepEqual(
    mapRequest({
      messages: [],
      tools: [{ name: "weather", description: "Tells it" }],
      toolChoice: "required",
      parallelToolCalls: false,
      responseFormat: { type: "json-schema", name: "answer", schema: { type: "object" } },
      passthrough: { kind: "anthropic", fields: { top_k: 5, output_config: { effort: "low" } } },
    }),
    {
      top_k: 5,
      tools: [{ name: "weather", description: "Tells it", input_schema: { type: "object" } }],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      output_config: { effort: "low", format: { type: "json_schema", schema: { type: "object" } } },
    },
  );
  assert.deepEqual(
    mapRequest({ messages: [], passthrough: { kind: "openai", fields: { top_k: 5 } } }),
    {},
  );
});
