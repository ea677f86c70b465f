/** What users say of the use of what they write, and who may have it exported. */
import assert from "node:assert/strict";
import { withApp } from "./temporary_app.ts";

Deno.test("nobody has allowed anything before they say so, and the last word holds", () =>
  withApp(async ({ send, store }) => {
    const read = async () => (await send("GET", "/api/me/consent")).body;
    assert.deepEqual(await read(), { given: false, since: null });
    const { status, body } = await send("PUT", "/api/me/consent", { given: true });
    assert.equal(status, 200);
    assert.equal(body.given, true);
    assert.deepEqual((await send("PUT", "/api/me/consent", { given: true })).body, body);
    assert.deepEqual(await read(), body);
    assert.equal((await send("PUT", "/api/me/consent", { given: false })).body.given, false);
    assert.equal((await send("PUT", "/api/me/consent", {})).status, 422);
    const events = await store.eventsAfter(0, 100);
    assert.deepEqual(
      events.map(({ body }) => JSON.parse(body).type),
      ["consent.given", "consent.withdrawn"],
      "only what changes something is an event",
    );
    const [{ key }] = events;
    assert.equal(key, `user/${JSON.parse(events[0].body).data.userKey}`);
  }));

Deno.test("a program allows it for its key, and for no other", () =>
  withApp(async ({ request }) => {
    const ask = async (key: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      return await (await request("/v1/me/consent", { ...init, headers })).json();
    };
    await ask("one", { method: "PUT", body: JSON.stringify({ given: true }) });
    assert.equal((await ask("one")).given, true);
    assert.equal((await ask("two")).given, false);
  }));

Deno.test("exports are for operators, and files only of exports by name", () =>
  withApp(async ({ send, request, temporal }) => {
    for (const path of ["/api/exports", "/api/exports/e", "/api/exports/e/files/turns.parquet"]) {
      assert.equal((await send("GET", path)).status, 403, path);
    }
    const authorization = "Bearer an operator's token";
    const ask = async (path: string, body?: unknown) => {
      const response = await request(path, {
        headers: { authorization, "content-type": "application/json" },
        ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    };
    const wrong = [{}, { from: "soon" }, { from: "1d", to: "2d" }, { from: "1d", formats: [] }, {
      from: "1d",
      id: "../e",
    }, { from: "1d", keepDays: 31 }];
    for (const body of wrong) {
      assert.equal((await ask("/api/exports", body)).status, 422, JSON.stringify(body));
    }
    assert.equal(temporal.started.size, 0);
    for (const file of ["turns.parquet", "..%2F..%2Fturnlog.db", "part-000000.1.turns.parquet"]) {
      const { status } = await ask(`/api/exports/e/files/${file}`);
      assert.ok(status === 404 || status === 422, `${file}: ${status}`);
    }
  }, { operatorToken: "an operator's token" }));
