import assert from "node:assert/strict";
import { type Json, type Scene, withApp } from "../temporary_app.ts";
import { answerTurns } from "../temporary_worker.ts";

const path = "/v1/messages";
const body = { model: "demo", max_tokens: 100, messages: [{ role: "user", content: "Hi" }] };

function post({ request }: Scene, content: unknown = body): Promise<Response> {
  return request(path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-api-key": "any",
      "anthropic-version": "2023-06-01",
    },
    body: JSON.stringify(content),
  });
}

/** @returns The data of each event; its name is its data's type. */
async function eventsOf(response: Response): Promise<Json[]> {
  const frames = (await response.text()).split("\n\n").filter((frame) => frame !== "");
  return frames.map((frame) => {
    const [, name] = /^event: (.*)$/m.exec(frame)!;
    const data = JSON.parse(/^data: (.*)$/m.exec(frame)![1]);
    assert.equal(data.type, name);
    return data;
  });
}

const type = "tool-call-delta" as const;
const pieces = [
  { type: "reasoning-delta" as const, text: "Hm" },
  "Hel",
  "lo",
  { type, index: 0, id: "a", name: "weather", arguments: '{"city":' },
  { type, index: 0, arguments: '"Bern"}' },
  { type, index: 1, id: "b", name: "now", arguments: "" },
];

Deno.test("a message has its blocks in order, and tells its usage", () =>
  withApp(async (scene) => {
    answerTurns(scene, pieces);
    const response = await post(scene);
    const turnId = response.headers.get("x-turnlog-turn-id");
    assert.equal(response.headers.get("request-id"), turnId);
    const message: Json = await response.json();
    assert.equal(message.id, `msg_${turnId}`);
    assert.deepEqual(message.content, [
      { type: "thinking", thinking: "Hm", signature: "" },
      { type: "text", text: "Hello", citations: null },
      { type: "tool_use", id: "a", name: "weather", input: { city: "Bern" } },
      { type: "tool_use", id: "b", name: "now", input: {} },
    ]);
    assert.equal(message.stop_reason, "tool_use");
    assert.deepEqual([message.usage.input_tokens, message.usage.output_tokens], [3, 2]);
    assert.deepEqual(await (await get(scene, message.id)).json(), message);
    const { plan } = scene.temporal.started.get(`turn/${turnId}`)!;
    assert.deepEqual(plan.parameters, { maxTokens: 100 });
  }));

function get({ request }: Scene, id: string): Promise<Response> {
  return request(`${path}/${id}`, { headers: { "x-api-key": "any" } });
}

Deno.test("a stream opens and closes one block after the other", () =>
  withApp(async (scene) => {
    answerTurns(scene, pieces);
    const events = await eventsOf(await post(scene, { ...body, stream: true }));
    const told = events.map(({ type, index, content_block, delta }) =>
      [type, index, content_block?.type ?? delta?.type ?? delta?.stop_reason]
        .filter((part) => part !== undefined).join(" ")
    );
    assert.deepEqual(told, [
      "message_start",
      "content_block_start 0 thinking",
      "content_block_delta 0 thinking_delta",
      "content_block_stop 0",
      "content_block_start 1 text",
      "content_block_delta 1 text_delta",
      "content_block_delta 1 text_delta",
      "content_block_stop 1",
      "content_block_start 2 tool_use",
      "content_block_delta 2 input_json_delta",
      "content_block_delta 2 input_json_delta",
      "content_block_stop 2",
      "content_block_start 3 tool_use",
      "content_block_stop 3",
      "message_delta tool_use",
      "message_stop",
    ]);
    assert.equal(events.at(-2).usage.output_tokens, 2);
  }));

Deno.test("what is wrong is said in Anthropic's shape", () =>
  withApp(async (scene) => {
    const cases: [unknown, number, string, RegExp][] = [
      [{ ...body, model: "nope" }, 404, "not_found_error", /no model or route nope/],
      [{ ...body, max_tokens: undefined }, 400, "invalid_request_error", /max_tokens/],
      [
        { ...body, messages: [{ role: "system", content: "Be kind" }] },
        400,
        "invalid_request_error",
        /a message of the user is needed/,
      ],
      [
        { ...body, tool_choice: { type: "any" } },
        400,
        "invalid_request_error",
        /tool_choice: is only allowed while tools are given/,
      ],
      [{ ...body, messages: "x".repeat(3_000_000) }, 413, "request_too_large", /bytes/],
    ];
    for (const [content, status, type, message] of cases) {
      const response = await post(scene, content);
      const answer: Json = await response.json();
      assert.deepEqual([response.status, answer.type, answer.error.type], [status, "error", type]);
      assert.match(answer.error.message, message);
    }
    answerTurns(scene, [], { class: "overloaded", message: "Busy" });
    const overloaded = await post(scene, { ...body, stream: true });
    assert.equal(overloaded.status, 503);
    assert.deepEqual(await overloaded.json(), {
      type: "error",
      error: { type: "overloaded_error", message: "Busy" },
    });
    answerTurns(scene, ["Hel"], { class: "cut-off", message: "It broke" });
    const events = await eventsOf(await post(scene, { ...body, stream: true }));
    assert.deepEqual(events.at(-1), {
      type: "error",
      error: { type: "api_error", message: "It broke" },
    });
  }));

Deno.test("what Turnlog does not offer of Anthropic's addresses is no message's id", () =>
  withApp(async ({ request }) => {
    const cases: [string, string, RegExp][] = [
      ["POST", "count_tokens", /does not count tokens/],
      ["POST", "batches", /takes no batches/],
      ["GET", "batches", /takes no batches/],
      ["GET", "batches/msgbatch_1/results", /takes no batches/],
    ];
    for (const [method, name, message] of cases) {
      const headers = { "x-api-key": "any" };
      const response = await request(`${path}/${name}`, { method, headers });
      const answer: Json = await response.json();
      assert.deepEqual([response.status, answer.error.type], [404, "not_found_error"]);
      assert.match(answer.error.message, message);
    }
  }));
