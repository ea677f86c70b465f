import assert from "node:assert/strict";
import { mapRequest } from "./map_request.ts";
import { messageRequest } from "./request_schema.ts";

const messages = [{ role: "user", content: "Hi" }];

function map(body: Record<string, unknown>) {
  return mapRequest(messageRequest.parse({ model: "demo", max_tokens: 9, messages, ...body }));
}

Deno.test("system, images, calls of tools and what they answered are mapped", () => {
  const { request } = map({
    system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What?" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
          { type: "image", source: { type: "url", url: "https://example.org/a.png" } },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm", signature: "s" },
          { type: "text", text: "I look." },
          { type: "tool_use", id: "t", name: "see", input: { at: 1 } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "text", text: "And?" },
          { type: "tool_result", tool_use_id: "t", content: "Broken", is_error: true },
        ],
      },
    ],
  });
  assert.deepEqual(request.messages, [
    { role: "system", content: [{ type: "text", text: "Be brief." }] },
    {
      role: "user",
      content: [
        { type: "text", text: "What?" },
        { type: "image", url: "data:image/png;base64,AAAA" },
        { type: "image", url: "https://example.org/a.png" },
      ],
    },
    {
      role: "assistant",
      content: [{ type: "text", text: "I look." }],
      toolCalls: [{ id: "t", name: "see", arguments: '{"at":1}' }],
    },
    { role: "tool", toolCallId: "t", content: "Broken", isError: true },
    { role: "user", content: [{ type: "text", text: "And?" }] },
  ]);
});

Deno.test("tools, their choice, the form of the answer and unknown fields are mapped", () => {
  const input_schema = { type: "object", properties: {} };
  const { request, parameters } = map({
    tools: [{ name: "see", description: "Sees", input_schema }],
    tool_choice: { type: "any", disable_parallel_tool_use: true },
    output_config: { effort: "low", format: { type: "json_schema", schema: { type: "object" } } },
    top_k: 5,
    temperature: 0,
    stop_sequences: ["x"],
  });
  assert.deepEqual(request, {
    messages,
    tools: [{ name: "see", description: "Sees", parameters: input_schema }],
    toolChoice: "required",
    parallelToolCalls: false,
    responseFormat: { type: "json-schema", name: "answer", schema: { type: "object" } },
    passthrough: { kind: "anthropic", fields: { top_k: 5, output_config: { effort: "low" } } },
  });
  assert.deepEqual(parameters, { maxTokens: 9, temperature: 0, stop: ["x"] });
});

Deno.test("what cannot be carried out is refused", () => {
  const problemOf = (body: Record<string, unknown>) =>
    messageRequest.safeParse({ model: "demo", max_tokens: 9, messages, ...body }).error!.issues
      .map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  assert.match(problemOf({ max_tokens: undefined }), /^max_tokens: /);
  assert.match(
    problemOf({ tools: [{ type: "web_search_20250305", name: "web_search" }] }),
    /^tools.0.type: only tools of one's own/,
  );
  assert.match(
    problemOf({ messages: [{ role: "user", content: [{ type: "document" }] }] }),
    /^messages.0.content/,
  );
});
