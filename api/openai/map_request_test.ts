import assert from "node:assert/strict";
import { mapRequest } from "./map_request.ts";
import { completionRequest } from "./request_schema.ts";

const messages = [{ role: "user", content: "Hi" }];

function map(body: Record<string, unknown>) {
  return mapRequest(completionRequest.parse({ model: "demo", messages, ...body }));
}

function problemOf(body: Record<string, unknown>): string {
  const { error } = completionRequest.safeParse({ model: "demo", messages, ...body });
  return error!.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
}

Deno.test("messages of every role are mapped, with images and tool calls", () => {
  const url = "data:image/png;base64,AAAA";
  const { request } = map({
    messages: [
      { role: "developer", content: "Be brief." },
      {
        role: "user",
        name: "ann",
        content: [{ type: "text", text: "What?" }, { type: "image_url", image_url: { url } }],
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c", type: "function", function: { name: "see", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c", content: [{ type: "text", text: "A cat" }] },
    ],
  });
  assert.deepEqual(request.messages, [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "What?" }, { type: "image", url }] },
    { role: "assistant", content: "", toolCalls: [{ id: "c", name: "see", arguments: "{}" }] },
    { role: "tool", toolCallId: "c", content: [{ type: "text", text: "A cat" }] },
  ]);
});

Deno.test("tools, their choice and the form of the answer are mapped", () => {
  const parameters = { type: "object", properties: { city: { type: "string" } } };
  const { request } = map({
    tools: [{ type: "function", function: { name: "weather", parameters, strict: true } }],
    tool_choice: { type: "function", function: { name: "weather" } },
    parallel_tool_calls: false,
    response_format: {
      type: "json_schema",
      json_schema: { name: "a", schema: { type: "object" } },
    },
  });
  assert.deepEqual(request.tools, [{ name: "weather", parameters, strict: true }]);
  assert.deepEqual(request.toolChoice, { name: "weather" });
  assert.equal(request.parallelToolCalls, false);
  assert.deepEqual(request.responseFormat, {
    type: "json-schema",
    name: "a",
    schema: { type: "object" },
  });
});

Deno.test("parameters have Turnlog's names, and null counts as absent", () => {
  assert.deepEqual(
    map({ temperature: 0, top_p: 0.5, max_tokens: 9, max_completion_tokens: 5, seed: 1, stop: "x" })
      .parameters,
    { temperature: 0, topP: 0.5, maxTokens: 5, seed: 1, stop: ["x"] },
  );
  assert.deepEqual(map({ temperature: null, stop: null, tools: null, n: 1 }), {
    model: "demo",
    request: { messages },
    parameters: {},
  });
});

Deno.test("unknown fields are kept for those who may know them", () => {
  const { request } = map({ reasoning_effort: "low", user: null, stream: true });
  assert.deepEqual(request.passthrough, { kind: "openai", fields: { reasoning_effort: "low" } });
});

Deno.test("what cannot be answered is refused by name", () => {
  assert.match(problemOf({ n: 2 }), /^n: only one answer/);
  assert.match(problemOf({ logprobs: true }), /^logprobs: /);
  assert.match(problemOf({ modalities: ["text", "audio"] }), /^modalities.1: only text/);
  assert.match(problemOf({ functions: [] }), /^functions: use tools/);
  assert.match(problemOf({ tools: [{ type: "custom" }] }), /^tools.0.type: only function tools/);
  assert.match(problemOf({ messages: [] }), /^messages: at least one/);
  assert.match(problemOf({ model: undefined }), /^model: name a model or a route/);
  assert.match(
    problemOf({ messages: [{ role: "user", content: 5 }] }),
    /^messages.0.content: must be a text, or text parts/,
  );
  assert.match(
    problemOf({
      messages: [{
        role: "user",
        content: [{ type: "image_url", image_url: { url: "file:///etc/passwd" } }],
      }],
    }),
    /^messages.0.content.0.image_url.url: must be an http/,
  );
});
