import assert from "node:assert/strict";
import type { ModelChoice } from "../events/contract/turn_plan.ts";
import { type Json, withApp } from "./temporary_app.ts";

Deno.test("a conversation is made, listed, renamed and deleted", () =>
  withApp(async ({ send, conversation }) => {
    const id = await conversation();
    assert.equal((await send("GET", "/api/conversations")).body.items[0].id, id);
    const renamed = await send("PATCH", `/api/conversations/${id}`, { title: "Mine" });
    assert.equal(renamed.body.title, "Mine");
    assert.equal((await send("DELETE", `/api/conversations/${id}`)).status, 204);
    assert.equal((await send("GET", `/api/conversations/${id}`)).status, 404);
    assert.deepEqual((await send("GET", "/api/conversations")).body.items, []);
  }));

Deno.test("a message starts one workflow, with a plan that holds all that decides the turn", () =>
  withApp(async ({ send, conversation, temporal }) => {
    const id = await conversation();
    const { status, body } = await send("POST", `/api/conversations/${id}/turns`, { text: "Hi" });
    assert.equal(status, 202);
    assert.equal(body.workflowId, `turn/${body.turnId}`);
    assert.equal(body.streamUrl, `/api/turns/${body.turnId}/stream`);
    const { plan } = temporal.started.get(body.workflowId)!;
    assert.deepEqual(plan.candidates.map(({ model }) => model), ["demo"]);
    assert.equal(plan.message.data.text, "Hi");
    const { turns } = (await send("GET", `/api/conversations/${id}`)).body;
    assert.equal(turns[0].status, "accepted");
    assert.equal(turns[0].message, "Hi");
  }));

Deno.test("a first call leaves before the workflow starts, and is shown once that is acknowledged", () =>
  withApp(async ({ send, conversation, temporal, store, firstCalls }) => {
    firstCalls.isOn = true;
    const id = await conversation();
    const { body } = await send("POST", `/api/conversations/${id}/turns`, { text: "Hi" });
    assert.deepEqual(firstCalls.done, ["begin after 0 turns", "events of run-1", "show"]);
    const { plan } = temporal.started.get(body.workflowId)!;
    assert.deepEqual(plan.firstCall, { taskQueue: "of this process" });
    assert.equal((await store.turn(body.turnId))?.status, "running");

    await send("POST", `/api/conversations/${id}/turns`, { text: "And then?" });
    assert.equal(firstCalls.done[3], "begin after 1 turns");
  }));

Deno.test("a first call whose turn cannot be accepted is abandoned, and nothing of it is stored", () =>
  withApp(async ({ send, conversation, temporal, store, firstCalls }) => {
    firstCalls.isOn = true;
    temporal.isAway = true;
    const id = await conversation();
    const turnId = crypto.randomUUID();
    const { status } = await send("POST", `/api/conversations/${id}/turns`, { turnId, text: "Hi" });
    assert.equal(status, 503);
    assert.deepEqual(firstCalls.done, ["begin after 0 turns", "abandon"]);
    assert.equal(await store.turn(turnId), null);
  }));

Deno.test("the same turn id again is the same turn; with other content it is refused", () =>
  withApp(async ({ send, conversation, temporal }) => {
    const path = `/api/conversations/${await conversation()}/turns`;
    const turn = { turnId: crypto.randomUUID(), text: "Hi" };
    const first = await send("POST", path, turn);
    const second = await send("POST", path, turn);
    assert.deepEqual([first.status, second.status], [202, 200]);
    assert.deepEqual(first.body, second.body);
    const other = await send("POST", path, { ...turn, text: "Bye" });
    assert.equal(other.status, 409);
    assert.match(other.body.detail, /Make a new turnId/);
    assert.equal(temporal.started.size, 1);
  }));

Deno.test("a turn follows the latest one unless it says otherwise", () =>
  withApp(async ({ send, conversation }) => {
    const path = `/api/conversations/${await conversation()}`;
    const first = (await send("POST", `${path}/turns`, { text: "1" })).body.turnId;
    const second = (await send("POST", `${path}/turns`, { text: "2" })).body.turnId;
    await send("POST", `${path}/turns`, { text: "3", parentTurnId: first });
    await send("POST", `${path}/turns`, { text: "4", parentTurnId: null });
    const { turns } = (await send("GET", path)).body;
    const parents = turns.map(({ parentTurnId }: Json) => parentTurnId);
    assert.deepEqual(parents, [null, first, first, null]);
    assert.notEqual(first, second);
  }));

Deno.test("a regeneration is a sibling that answers the same message", () =>
  withApp(async ({ send, conversation, temporal }) => {
    const id = await conversation();
    const { turnId } = (await send("POST", `/api/conversations/${id}/turns`, { text: "Hi" })).body;
    const again = await send("POST", `/api/turns/${turnId}/regenerate`, { model: "demo" });
    assert.equal(again.status, 202);
    const { message } = temporal.started.get(again.body.workflowId)!.plan;
    assert.equal(message.data.text, "Hi");
    assert.equal(message.data.regeneratedFrom, turnId);
    assert.equal(message.data.parentTurnId, null);
  }));

Deno.test("a stop is told to the workflow with what the user had seen", () =>
  withApp(async ({ send, conversation, temporal }) => {
    const id = await conversation();
    const { turnId, workflowId } =
      (await send("POST", `/api/conversations/${id}/turns`, { text: "Hi" })).body;
    assert.equal((await send("POST", `/api/turns/${turnId}/stop`, { seenLength: 7 })).status, 202);
    assert.equal((await send("POST", `/api/turns/${turnId}/stop`)).status, 202);
    assert.deepEqual(temporal.signals[0], [workflowId, "stop", { seenLength: 7 }]);
  }));

Deno.test("another model for a turn is told to its workflow, with whom to ask instead", () =>
  withApp(async ({ send, conversation, temporal }) => {
    const id = await conversation();
    const { turnId, workflowId } =
      (await send("POST", `/api/conversations/${id}/turns`, { text: "Hi" })).body;
    const path = `/api/turns/${turnId}/model`;
    assert.equal((await send("POST", path, { model: "flaky" })).status, 202);
    const [, name, choice] = temporal.signals[0] as [string, string, ModelChoice];
    assert.equal(name, "choose-model");
    assert.equal(choice.route, "flaky");
    assert.deepEqual(choice.candidates.map(({ model }) => model), ["flaky"]);
    assert.equal((await send("POST", path, { model: "nope" })).status, 422);
    assert.equal((await send("POST", path, { model: "claude-opus" })).status, 409);
    assert.equal((await send("POST", path, {})).status, 422);
    temporal.hasEnded = true;
    const late = await send("POST", path, { model: "flaky" });
    assert.equal(late.status, 409);
    assert.equal(late.body.type, "/problems/turn-ended");
    assert.deepEqual(temporal.signals.map((signal) => (signal as unknown[])[0]), [workflowId]);
  }));

Deno.test("feedback is kept with the turn", () =>
  withApp(async ({ send, conversation }) => {
    const id = await conversation();
    const { turnId } = (await send("POST", `/api/conversations/${id}/turns`, { text: "Hi" })).body;
    const path = `/api/turns/${turnId}/feedback`;
    const rated = await send("POST", path, { rating: "down", comment: "No" });
    assert.deepEqual(rated.body.feedback, { rating: "down", comment: "No" });
    assert.equal((await send("POST", path, { rating: "sideways" })).status, 422);
  }));

Deno.test("bad input gets a clear error and changes nothing", () =>
  withApp(async ({ send, conversation, temporal }) => {
    const path = `/api/conversations/${await conversation()}/turns`;
    const cases: [unknown, number, RegExp][] = [
      [{ text: "" }, 422, /text: a message needs at least one character/],
      [{ text: "  \n" }, 422, /text: a message needs/],
      [{ text: 5 }, 422, /text: .*expected string/],
      [{}, 422, /text: /],
      [{ text: "x", color: "red" }, 422, /color/],
      [{ text: "x".repeat(200_001) }, 422, /200000 characters at most/],
      [{ text: "x".repeat(3_000_000) }, 413, /bytes at most/],
      [{ text: "x", model: "nope" }, 422, /no model or route nope. There are: default/],
      [{ text: "x", model: "claude-opus" }, 409, /ANTHROPIC_API_KEY is not set/],
      [{ text: "x", parentTurnId: "nobody" }, 404, /no turn nobody/],
      [{ text: "x", turnId: "a/b" }, 422, /turnId/],
      [{ text: "x", turnId: ".." }, 422, /turnId: may not be/],
      [{ text: "x", parentTurnId: "." }, 422, /parentTurnId: may not be/],
      [{ text: "x", parameters: { temperature: 9 } }, 422, /parameters.temperature/],
      ["{bad", 400, /cannot be read/],
      ["[]", 422, /^body: .*object/],
    ];
    for (const [body, status, detail] of cases) {
      const answer = await send("POST", path, body);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.match(answer.body.detail, detail);
      assert.deepEqual(Object.keys(answer.body).slice(0, 4), ["type", "title", "status", "detail"]);
    }
    const unknown = await send("POST", "/api/conversations/nope/turns", { text: "x" });
    assert.equal(unknown.status, 404);
    assert.equal(temporal.started.size, 0);
    const wrongCursor = await send("GET", "/api/conversations?cursor=made-up");
    assert.equal(wrongCursor.status, 422);
  }));

Deno.test("a method that an address does not know is refused with those that it knows", () =>
  withApp(async ({ request }) => {
    const known: [string, string, string][] = [
      ["PUT", "/api/conversations", "GET, POST"],
      ["POST", "/api/turns/some/stream", "GET"],
      ["GET", "/v1/chat/completions", "POST"],
      ["POST", "/healthz", "GET"],
    ];
    for (const [method, path, allow] of known) {
      const response = await request(path, { method });
      assert.equal(response.status, 405, path);
      assert.equal(response.headers.get("allow"), allow);
      await response.body?.cancel();
    }
    assert.equal((await request("/api/nope", { method: "PUT" })).status, 404);
    // What a browser asks before a call from another page is for the route's own guard to answer.
    assert.equal((await request("/api/conversations", { method: "OPTIONS" })).status, 404);
  }));

Deno.test("while Temporal is away nothing is accepted, and the same request works later", () =>
  withApp(async ({ send, conversation, temporal }) => {
    const id = await conversation();
    const turn = { turnId: crypto.randomUUID(), text: "Hi" };
    temporal.isAway = true;
    const refused = await send("POST", `/api/conversations/${id}/turns`, turn);
    assert.equal(refused.status, 503);
    assert.match(refused.body.detail, /same turnId again/);
    assert.deepEqual((await send("GET", `/api/conversations/${id}`)).body.turns, []);
    temporal.isAway = false;
    assert.equal((await send("POST", `/api/conversations/${id}/turns`, turn)).status, 202);
  }));

Deno.test("each browser is its own user, by a cookie that scripts cannot read", () =>
  withApp(async ({ send, request, conversation }) => {
    const id = await conversation();
    const other = await request(`/api/conversations/${id}`);
    assert.equal(other.status, 404);
    const cookie = other.headers.get("set-cookie")!;
    for (const attribute of [/HttpOnly/, /SameSite=Lax/, /Path=\//]) {
      assert.match(cookie, attribute);
    }

    const forged = await request("/api/conversations", {
      headers: { cookie: "turnlog_user=someone.forged" },
    });
    assert.deepEqual((await forged.json()).items, []);
    assert(forged.headers.get("set-cookie"), "a forged cookie is replaced");
    assert.equal((await send("GET", `/api/conversations/${id}`)).status, 200);
  }));

Deno.test("a site that gives its own name this address is refused", () =>
  withApp(async ({ request }) => {
    const response = await request("/api/models", { headers: { host: "evil.example" } });
    assert.equal(response.status, 421);
    assert.equal((await request("/healthz", { headers: { host: "10.0.0.7" } })).status, 200);
  }));

Deno.test("without ClickHouse the dashboard says so, and nothing else is touched", () =>
  withApp(async ({ send }) => {
    const { status, body } = await send("GET", "/api/analytics/views");
    assert.equal(status, 503);
    assert.match(body.detail, /events are kept/);
  }));

Deno.test("every route of the API is in the OpenAPI document, and every answer has a schema", () =>
  withApp(async ({ request }) => {
    const document: Json = await (await request("/api/openapi.json")).json();
    assert.equal(document.openapi, "3.1.0");
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`)
    );
    assert.deepEqual(routes.sort(), [
      "DELETE /api/conversations/{conversationId}",
      "DELETE /api/operations/models/{model}/adapters/{name}",
      "DELETE /api/operator/session",
      "GET /api/analytics/tables",
      "GET /api/analytics/views",
      "GET /api/analytics/views/{name}",
      "GET /api/analytics/views/{name}/definition",
      "GET /api/conversations",
      "GET /api/conversations/{conversationId}",
      "GET /api/experiments",
      "GET /api/experiments/{experiment}",
      "GET /api/experiments/{experiment}/segments",
      "GET /api/experiments/{experiment}/series",
      "GET /api/exports",
      "GET /api/exports/{exportId}",
      "GET /api/exports/{exportId}/files/{file}",
      "GET /api/me/consent",
      "GET /api/models",
      "GET /api/operations/backtests",
      "GET /api/operations/backtests/{backtestId}",
      "GET /api/operations/counts",
      "GET /api/operations/models",
      "GET /api/operations/retries/{retryId}",
      "GET /api/operations/turns",
      "GET /api/operations/turns/{turnId}",
      "GET /api/operator/session",
      "GET /api/turns/{turnId}",
      "GET /api/turns/{turnId}/stream",
      "GET /v1/chat/completions/{completionId}",
      "GET /v1/me/consent",
      "GET /v1/messages/{messageId}",
      "GET /v1/models",
      "GET /v1/models/{model}",
      "PATCH /api/conversations/{conversationId}",
      "POST /api/analytics/query",
      "POST /api/codec/decode",
      "POST /api/codec/encode",
      "POST /api/conversations",
      "POST /api/conversations/{conversationId}/turns",
      "POST /api/experiments/{experiment}/end",
      "POST /api/experiments/{experiment}/start",
      "POST /api/experiments/{experiment}/stop",
      "POST /api/exports",
      "POST /api/exports/{exportId}/stop",
      "POST /api/operations/backtests",
      "POST /api/operations/backtests/{backtestId}/stop",
      "POST /api/operations/models/{model}/adapters",
      "POST /api/operations/models/{model}/sleep",
      "POST /api/operations/models/{model}/start",
      "POST /api/operations/models/{model}/stop",
      "POST /api/operations/models/{model}/wake",
      "POST /api/operations/retries",
      "POST /api/operations/turns/{turnId}/cancel",
      "POST /api/operations/turns/{turnId}/retry",
      "POST /api/operator/session",
      "POST /api/turns/{turnId}/feedback",
      "POST /api/turns/{turnId}/model",
      "POST /api/turns/{turnId}/regenerate",
      "POST /api/turns/{turnId}/stop",
      "POST /v1/chat/completions",
      "POST /v1/messages",
      "PUT /api/comparisons/{firstTurnId}/{secondTurnId}",
      "PUT /api/me/consent",
      "PUT /v1/me/consent",
    ]);
    const page = await (await request("/api/docs")).text();
    const files = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, file]) => file);
    assert.equal(files.length, 4);
    for (const file of files) assert.equal((await request(file)).status, 200, file);
  }));

Deno.test("the schemas of events and topics are served as they are written", () =>
  withApp(async ({ request }) => {
    const schema: Json = await (await request("/api/events/schema")).json();
    assert.equal(schema.$defs["message.sent"].properties.type.const, "message.sent");
    const topics: Json = await (await request("/api/asyncapi.json")).json();
    assert.equal(topics.channels.events.address, "turnlog.events");
  }));

Deno.test("the app is served without a build step, and nothing of the server with it", () =>
  withApp(async ({ request }) => {
    const page = await request("/c/anything");
    assert.match(page.headers.get("content-type")!, /text\/html/);
    assert.match(page.headers.get("content-security-policy")!, /script-src 'self' 'sha256-/);
    const contract = await request("/events/contract/stream_part.ts");
    assert.match(contract.headers.get("content-type")!, /text\/javascript/);
    assert.doesNotMatch(await contract.text(), /interface Position/);
    const vendor = await request("/vendor/preact.js");
    assert.equal(vendor.status, 200);
    const again = await request("/vendor/preact.js", {
      headers: { "if-none-match": vendor.headers.get("etag")! },
    });
    assert.equal(again.status, 304);
    const hidden = [
      "/api/config.ts",
      "/events/store/sqlite_store.ts",
      "/web/../deno.json",
      "/web/%2e%2e/deno.json",
      "/vendor/hono/package.json",
      "/vendor/__proto__",
      "/nope",
    ];
    for (const path of hidden) assert.equal((await request(path)).status, 404, path);
  }));

Deno.test("what no server of one's own answers cannot be managed, and the reason is told", () =>
  withApp(async ({ send }) => {
    const asked = await send("POST", "/api/operations/models/demo/sleep", {});
    assert.equal(asked.status, 404);
    assert.match(asked.body.detail, /No server of your own answers for a model demo/);
    assert.equal(
      (await send("POST", "/api/operations/models/demo/sleep", { level: 3 })).status,
      422,
    );
    assert.deepEqual((await send("GET", "/api/operations/models")).body.items, []);
  }));
