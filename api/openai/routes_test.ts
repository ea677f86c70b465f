import assert from "node:assert/strict";
import type { Failure } from "../../events/contract/failure.ts";
import { type Json, type Scene, withApp } from "../temporary_app.ts";
import { answerTurns } from "../temporary_worker.ts";

const path = "/v1/chat/completions";
const body = { model: "demo", messages: [{ role: "user", content: "Hi" }] };
function post(
  { request }: Scene,
  content: unknown = body,
  headers: Record<string, string> = {},
): Promise<Response> {
  return request(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(content),
  });
}

/** @returns The data of each event, parsed but for `[DONE]`. */
async function eventsOf(response: Response): Promise<Json[]> {
  const frames = (await response.text()).split("\n\n").filter((frame) => frame !== "");
  return frames.map((frame) => {
    const data = frame.split("\n").findLast((line) => line.startsWith("data: "))!.slice(6);
    return data === "[DONE]" ? data : JSON.parse(data);
  });
}

Deno.test("a call is a turn of a conversation of its own, with the request in its plan", () =>
  withApp(async (scene) => {
    answerTurns(scene, ["Hel", "lo"]);
    const response = await post(scene, { ...body, temperature: 0.5, reasoning_effort: "low" });
    assert.equal(response.status, 200);
    const turnId = response.headers.get("x-turnlog-turn-id")!;
    const completion: Json = await response.json();
    assert.equal(completion.id, `chatcmpl-${turnId}`);
    assert.equal(completion.choices[0].message.content, "Hello");
    assert.equal(completion.usage.total_tokens, 5);

    const { plan } = scene.temporal.started.get(`turn/${turnId}`)!;
    assert.equal(plan.message.data.text, "Hi");
    assert.deepEqual(plan.message.data.request, {
      messages: [{ role: "user", content: "Hi" }],
      passthrough: { kind: "openai", fields: { reasoning_effort: "low" } },
    });
    assert.deepEqual(plan.parameters, { temperature: 0.5 });
    assert.equal(plan.onExhausted, "fail", "the route would wait, the caller does not");
    assert.deepEqual((await scene.send("GET", "/api/conversations")).body.items, []);
  }));

Deno.test("a stream has a role, the pieces, a reason to end, the usage if asked for, and its end", () =>
  withApp(async (scene) => {
    answerTurns(scene, ["Hel", "lo"]);
    const asked = { ...body, stream: true, stream_options: { include_usage: true } };
    const events = await eventsOf(await post(scene, asked));
    assert.deepEqual(
      events.slice(0, 4).map(({ choices: [{ delta, finish_reason }] }) => [
        delta,
        finish_reason,
      ]),
      [
        [{ role: "assistant", content: "" }, null],
        [{ content: "Hel" }, null],
        [{ content: "lo" }, null],
        [{}, "stop"],
      ],
    );
    assert.deepEqual(events.slice(0, 4).map(({ usage }) => usage), [null, null, null, null]);
    assert.equal(events[4].usage.completion_tokens, 2);
    assert.equal(events[5], "[DONE]");
    assert.equal(events.length, 6);
  }));

Deno.test("a turn that fails before its first word is an error with a status, streamed or not", () =>
  withApp(async (scene) => {
    const cases: [Failure["class"], number, string][] = [
      ["rate-limited", 429, "rate_limit_exceeded"],
      ["context-too-long", 400, "context_length_exceeded"],
      ["overloaded", 503, "overloaded"],
      ["bad-credentials", 502, "provider_bad_credentials"],
    ];
    for (const [failureClass, status, code] of cases) {
      answerTurns(scene, [], { class: failureClass, message: "No", retryAfterMs: 1500 });
      for (const stream of [false, true]) {
        const response = await post(scene, { ...body, stream });
        assert.equal(response.status, status);
        assert.equal(response.headers.get("retry-after"), "2");
        assert.equal(response.headers.get("x-should-retry"), null);
        const { error } = await response.json();
        assert.deepEqual([error.message, error.param, error.code], ["No", null, code]);
      }
    }
  }));

Deno.test("clients are told not to repeat by themselves what Turnlog has tried as often as it should", () =>
  withApp(async (scene) => {
    answerTurns(scene, [], { class: "unreachable", message: "Nobody is there" });
    const response = await post(scene);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("x-should-retry"), "false");
  }));

Deno.test("a turn that fails after some words ends the stream with an error, not as a success", () =>
  withApp(async (scene) => {
    answerTurns(scene, ["Hel"], { class: "cut-off", message: "It broke" });
    const events = await eventsOf(await post(scene, { ...body, stream: true }));
    assert.deepEqual(events.at(-1), {
      error: { message: "It broke", type: "server_error", param: null, code: "cut_off" },
    });
    assert.equal(events.length, 3);
  }));

Deno.test("the same Idempotency-Key is the same turn for the same caller and body", () =>
  withApp(async (scene) => {
    answerTurns(scene, ["Hello"]);
    const send = async (content: unknown, headers: Record<string, string>) => {
      const response = await post(scene, content, { "idempotency-key": "k1", ...headers });
      return { status: response.status, body: await response.json() as Json };
    };
    const first = await send(body, { authorization: "Bearer one" });
    const second = await send(body, { authorization: "Bearer one" });
    assert.deepEqual(
      [second.body.id, second.body.choices],
      [first.body.id, first.body.choices],
    );
    const other = await send({ ...body, seed: 1 }, { authorization: "Bearer one" });
    assert.deepEqual([other.status, other.body.error.code], [409, "idempotency_key_reused"]);
    assert.match(other.body.error.message, /This Idempotency-Key came with another request/);
    const stranger = await send(body, { authorization: "Bearer two" });
    assert.equal(stranger.status, 200);
    assert.notEqual(stranger.body.id, first.body.id);
    assert.equal(scene.temporal.started.size, 2);
  }));

Deno.test("a completion is read again by its id, whole, as a stream, or from a place on", () =>
  withApp(async (scene) => {
    answerTurns(scene, ["Hel", "lo"]);
    const completion: Json = await (await post(scene)).json();
    const address = `${path}/${completion.id}`;
    assert.deepEqual(await (await scene.request(address)).json(), completion);
    const textAfter = async (query: string) => {
      const events = await eventsOf(await scene.request(`${address}?stream=true${query}`));
      assert.equal(events.at(-1), "[DONE]");
      return events.slice(0, -1).map(({ choices: [{ delta }] }) => delta.content ?? "").join("");
    };
    assert.equal(await textAfter(""), "Hello");
    assert.equal(await textAfter("&after=1.1"), "lo");
    const stranger = await scene.request(address, { headers: { "x-api-key": "another" } });
    assert.equal(stranger.status, 404);
    assert.equal((await stranger.json()).error.code, "not_found");
  }));

Deno.test("a conversation that is named gets a further turn", () =>
  withApp(async (scene) => {
    answerTurns(scene, ["Hello"]);
    const first = await post(scene);
    await first.json();
    const conversationId = first.headers.get("x-turnlog-conversation-id")!;
    const named = { "x-turnlog-conversation-id": conversationId };
    const second = await post(scene, body, named);
    await second.json();
    const turns = await scene.store.conversationTurns(conversationId);
    assert.deepEqual(turns.map(({ parentTurnId }) => parentTurnId), [null, turns[0].turnId]);
    const stranger = await post(scene, body, { ...named, "x-api-key": "another" });
    assert.equal(stranger.status, 404);
    await stranger.body?.cancel();
  }));

Deno.test("with keys only those are let in, and without keys only this machine", async () => {
  const statusOf = async (scene: Scene, headers: Record<string, string>) => {
    const response = await scene.request("/v1/models", { headers });
    const answer: Json = await response.json();
    return [response.status, answer.error?.code];
  };
  const apiKeys = ["a-key-of-some-length", "another-key-of-length"];
  await withApp(async (scene) => {
    assert.deepEqual(await statusOf(scene, { authorization: `Bearer ${apiKeys[1]}` }), [
      200,
      undefined,
    ]);
    assert.deepEqual(await statusOf(scene, { "x-api-key": apiKeys[0] }), [200, undefined]);
    assert.deepEqual(await statusOf(scene, { "x-api-key": "wrong" }), [401, "invalid_api_key"]);
    assert.deepEqual(await statusOf(scene, {}), [401, "invalid_api_key"]);
  }, { apiKeys });
  await withApp(async (scene) => {
    assert.deepEqual(await statusOf(scene, { "x-api-key": "any" }), [401, "invalid_api_key"]);
  }, { host: "0.0.0.0" });
});

Deno.test("what is wrong with a request is said in OpenAI's shape", () =>
  withApp(async (scene) => {
    const cases: [unknown, number, string | null, RegExp][] = [
      [{ ...body, model: "nope" }, 404, "model", /no model or route nope/],
      [{ ...body, model: "claude-opus" }, 503, null, /ANTHROPIC_API_KEY is not set/],
      [{ messages: body.messages }, 400, "model", /name a model or a route/],
      [{ ...body, n: 2 }, 400, "n", /only one answer/],
      [{ ...body, tool_choice: "auto" }, 400, "tool_choice", /only allowed when tools are given/],
      [{ ...body, tool_choice: "none", tools: [] }, 400, "tool_choice", /only allowed/],
      [
        { ...body, messages: [{ role: "user", content: "x".repeat(3_000_000) }] },
        413,
        null,
        /bytes/,
      ],
    ];
    for (const [content, status, param, message] of cases) {
      const response = await post(scene, content);
      const { error }: Json = await response.json();
      assert.equal(response.status, status, error.message);
      assert.equal(error.param, param);
      assert.match(error.message, message);
    }
    const notJson = await scene.request(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{bad",
    });
    assert.equal(notJson.status, 400);
    assert.equal((await notJson.json()).error.type, "invalid_request_error");
    const nothing = await scene.request("/v1/embeddings");
    assert.equal(nothing.status, 404);
    assert.match((await nothing.json()).error.message, /nothing at GET \/v1\/embeddings/);
    scene.temporal.isAway = true;
    const away = await post(scene);
    assert.equal(away.status, 503);
    await away.body?.cancel();
    assert.equal(scene.temporal.started.size, 0);
  }));

Deno.test("routes and models are listed as models", () =>
  withApp(async ({ request }) => {
    const { data }: Json = await (await request("/v1/models")).json();
    const demo = data.find(({ id }: Json) => id === "demo");
    assert.deepEqual([demo.object, demo.owned_by], ["model", "simulated"]);
    assert(data.some(({ id }: Json) => id === "default"));
    assert.deepEqual(await (await request("/v1/models/demo")).json(), demo);
    const unknown = await request("/v1/models/nope");
    assert.equal(unknown.status, 404);
    assert.equal((await unknown.json()).error.code, "model_not_found");
  }));

Deno.test("thoughts and calls of tools are answered whole and in pieces", () =>
  withApp(async (scene) => {
    const type = "tool-call-delta" as const;
    answerTurns(scene, [
      { type: "reasoning-delta", text: "Hm" },
      { type, index: 0, id: "c", name: "weather", arguments: "{" },
      { type, index: 0, arguments: "}" },
    ]);
    const completion: Json = await (await post(scene)).json();
    assert.deepEqual(completion.choices[0], {
      index: 0,
      message: {
        role: "assistant",
        content: null,
        refusal: null,
        reasoning_content: "Hm",
        tool_calls: [{ id: "c", type: "function", function: { name: "weather", arguments: "{}" } }],
      },
      logprobs: null,
      finish_reason: "tool_calls",
    });
    const events = await eventsOf(await post(scene, { ...body, stream: true }));
    assert.deepEqual(events.slice(1, -1).map(({ choices: [{ delta }] }) => delta), [
      { reasoning_content: "Hm" },
      {
        tool_calls: [
          { index: 0, id: "c", type: "function", function: { name: "weather", arguments: "{" } },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: "}" } }] },
      {},
    ]);
    const rest = await eventsOf(
      await scene.request(`${path}/${completion.id}?stream=true&after=1.2`),
    );
    assert.deepEqual(rest[1].choices[0].delta, {
      tool_calls: [{ index: 0, function: { arguments: "}" } }],
    });
  }));
