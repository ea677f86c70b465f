import assert from "node:assert/strict";
import { createEvent } from "../events/contract/event.ts";
import { noUsage } from "../events/contract/usage.ts";
import { newEventId } from "../events/event_id.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { temporalLinks } from "./temporal_links.ts";
import { withApp } from "./temporary_app.ts";

const operatorToken = "a token of 16 and more";

async function fail(store: EventStore, turnId: string): Promise<void> {
  const subject = { tenant: "t", userKey: "u", conversationId: "c", turnId };
  const envelope = { source: "s", subject };
  await store.append([
    createEvent({
      ...envelope,
      id: newEventId(),
      type: "message.sent",
      data: { text: "A secret", parentTurnId: null, route: "default", requestHash: "h" },
    }),
    createEvent({
      ...envelope,
      id: newEventId(),
      type: "turn.failed",
      data: {
        attempts: 0,
        durationMs: 1,
        usage: noUsage,
        costUsd: 0,
        error: { class: "overloaded", message: "Down" },
      },
    }),
  ]);
}

async function requests(store: EventStore) {
  const events = (await store.eventsAfter(0, 100)).map(({ body }) => JSON.parse(body));
  return events.filter(({ type }) => type === "operation.requested").map(({ data }) => data);
}

Deno.test("failed turns of everyone are listed with their reason and their run, without what was written", () =>
  withApp(async ({ send, store }) => {
    await fail(store, "t-1");
    const { status, body } = await send("GET", "/api/operations/turns?errorClass=overloaded");
    assert.equal(status, 200);
    const [turn] = body.items;
    assert.equal(turn.error.message, "Down");
    assert.equal(
      turn.temporalUrl,
      "http://127.0.0.1:8233/namespaces/default/workflows/turn%2Ft-1",
    );
    assert(!JSON.stringify(body).includes("A secret"));
    const waiting = await send("GET", "/api/operations/turns?status=waiting");
    assert.deepEqual(waiting.body.items, []);
    const counts = await send("GET", "/api/operations/counts");
    assert.equal(counts.body.items[0].turns, 1);
  }));

Deno.test("a filter that cannot be is refused with the field", () =>
  withApp(async ({ send }) => {
    for (const query of ["status=asleep", "errorClass=bad", "limit=0", "cursor=made-up"]) {
      assert.equal((await send("GET", `/api/operations/turns?${query}`)).status, 422, query);
    }
    assert.equal((await send("POST", "/api/operations/retries", { limit: 1001 })).status, 422);
    assert.equal((await send("GET", "/api/operations/turns/unknown")).status, 404);
  }));

Deno.test("a cancel is recorded with who asked, then told to the workflow; an ended turn is left alone", () =>
  withApp(async ({ send, store, temporal, conversation }) => {
    const { turnId, workflowId } =
      (await send("POST", `/api/conversations/${await conversation()}/turns`, { text: "Hi" })).body;
    assert.equal((await send("POST", `/api/operations/turns/${turnId}/cancel`)).status, 202);
    assert.deepEqual(temporal.signals, [[workflowId, "stop", { seenLength: undefined }]]);
    await fail(store, "t-1");
    assert.equal((await send("POST", "/api/operations/turns/t-1/cancel")).status, 202);
    assert.equal(temporal.signals.length, 1);
    assert.deepEqual(await requests(store), [{ action: "cancel-turn", turnId, by: "loopback" }]);
  }));

Deno.test("an operator signs in, operates by the cookie, and signs out", () =>
  withApp(async ({ request, store }) => {
    const path = "/api/operator/session";
    const json = { "content-type": "application/json" };
    const accessWith = async (headers = {}) =>
      (await (await request(path, { headers })).json()).access;
    const signIn = (token: string) =>
      request(path, { method: "POST", headers: json, body: JSON.stringify({ token }) });

    assert.equal(await accessWith(), "signed-out");
    assert.equal((await signIn("another token altogether")).status, 403);
    const response = await signIn(operatorToken);
    assert.equal(response.status, 204);
    const cookie = response.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
    assert.equal(await accessWith({ cookie }), "signed-in");
    const counts = "/api/operations/counts";
    assert.equal((await request(counts)).status, 403);
    assert.equal((await request(counts, { headers: { cookie } })).status, 200);

    const out = await request(path, { method: "DELETE", headers: { cookie } });
    assert.match(out.headers.getSetCookie().join(), /turnlog_operator=; Max-Age=0/);
    const [signedIn] = await requests(store);
    assert.equal(signedIn.action, "sign-in");
    assert.match(signedIn.session, /^[0-9a-f]{8}$/);
  }, { operatorToken }));

Deno.test("who may operate without a token is everyone on this machine, else nobody", async () => {
  for (const [host, access] of [["127.0.0.1", "open"], ["0.0.0.0", "closed"]]) {
    await withApp(async ({ request }) => {
      assert.equal((await (await request("/api/operator/session")).json()).access, access);
    }, { host });
  }
});

Deno.test("links lead into the Temporal UI under any path, and there are none without its address", () => {
  const links = temporalLinks("https://temporal.example/ui/", "a b");
  assert.equal(
    links.run("turn/1", "r"),
    "https://temporal.example/ui/namespaces/a%20b/workflows/turn%2F1/r",
  );
  assert.equal(temporalLinks(undefined, "default").run("turn/1"), null);
});

Deno.test("a change of a model is recorded before it is tried", () =>
  withApp(async ({ send, store }) => {
    const path = "/api/operations/models/demo/sleep";
    assert.equal((await send("POST", path, { level: 2 })).status, 404);
    assert.deepEqual(await requests(store), [
      { action: "sleep", detail: "level=2", by: "loopback" },
    ]);
  }));
