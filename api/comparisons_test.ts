import assert from "node:assert/strict";
import { createEvent, type EventData, type EventType } from "../events/contract/event.ts";
import { eventExamples } from "../events/contract/event_examples.ts";
import { newEventId } from "../events/event_id.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { type Json, type Scene, withApp } from "./temporary_app.ts";

Deno.test("a vote on two answers is kept, and comes back with the conversation", () =>
  withApp(async (scene) => {
    const { id, first, second } = await twoAnswers(scene);
    const voted = await vote(scene, first, second, "second");
    assert.equal(voted.status, 200);
    const kept = { turnIds: [first, second], models: ["llama", "claude"], winner: "second" };
    assert.deepEqual(voted.body, kept);
    const { comparisons } = (await scene.send("GET", `/api/conversations/${id}`)).body;
    assert.deepEqual(comparisons, [kept]);
    const [event] = await votesIn(scene.store);
    assert.equal(event.turnId, first);
    assert.deepEqual(event.data, kept);
  }));

Deno.test("a later vote on the same two, in either order, replaces the earlier one; the same again is no event", () =>
  withApp(async (scene) => {
    const { id, first, second } = await twoAnswers(scene);
    await vote(scene, first, second, "second");
    await vote(scene, first, second, "second");
    assert.equal((await vote(scene, second, first, "first")).body.winner, "second");
    assert.equal((await votesIn(scene.store)).length, 1);
    assert.equal((await vote(scene, second, first, "second")).body.winner, "first");
    await vote(scene, second, first, "neither");
    const { comparisons } = (await scene.send("GET", `/api/conversations/${id}`)).body;
    assert.deepEqual(comparisons.map(({ winner }: Json) => winner), ["neither"]);
    assert.equal((await votesIn(scene.store)).length, 3);
  }));

Deno.test("what cannot be compared is refused with the reason, and nothing is kept", () =>
  withApp(async (scene) => {
    const { send, store } = scene;
    const { id, first, second } = await twoAnswers(scene);
    const turns = `/api/conversations/${id}/turns`;
    const edited = (await send("POST", turns, { text: "Hello", parentTurnId: null })).body.turnId;
    await answer(store, edited, "llama");
    const running = (await send("POST", `/api/turns/${first}/regenerate`)).body.turnId;
    const other = await twoAnswers(scene);
    const cases: [string, string, string, number, RegExp][] = [
      [first, first, "tie", 409, /cannot be compared with itself/],
      [first, edited, "first", 409, /do not answer the same message/],
      [first, other.first, "first", 409, /do not answer the same message/],
      [first, running, "first", 409, /is accepted\. Only complete answers/],
      [first, "nobody", "first", 404, /no turn nobody/],
      [first, second, "both", 422, /winner: /],
    ];
    for (const [a, b, winner, status, detail] of cases) {
      const refused = await vote(scene, a, b, winner);
      assert.equal(refused.status, status, JSON.stringify(refused.body));
      assert.match(refused.body.detail, detail);
    }
    assert.deepEqual(await votesIn(store), []);
  }));

Deno.test("nobody votes on another user's answers, or on those of a deleted conversation", () =>
  withApp(async (scene) => {
    const { id, first, second } = await twoAnswers(scene);
    const path = `/api/comparisons/${first}/${second}`;
    const asAnother = await scene.request(path, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ winner: "first" }),
    });
    assert.equal(asAnother.status, 404);
    await scene.send("DELETE", `/api/conversations/${id}`);
    assert.equal((await vote(scene, first, second, "first")).status, 404);
    assert.deepEqual(await votesIn(scene.store), []);
  }));

function vote({ send }: Scene, first: string, second: string, winner: string) {
  return send("PUT", `/api/comparisons/${first}/${second}`, { winner });
}

/** @returns A conversation with two complete answers to its message, the one of llama first by its turn's id. */
async function twoAnswers({ send, conversation, store }: Scene) {
  const id = await conversation();
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()].toSorted();
  await send("POST", `/api/conversations/${id}/turns`, { turnId: second, text: "Hi" });
  await send("POST", `/api/turns/${second}/regenerate`, { turnId: first });
  await answer(store, first, "llama");
  await answer(store, second, "claude");
  return { id, first, second };
}

async function answer(store: EventStore, turnId: string, model: string) {
  const { tenant, userKey, conversationId } = (await store.turn(turnId))!;
  const state = <Type extends EventType>(type: Type, data: Partial<EventData[Type]>) =>
    createEvent({
      id: newEventId(),
      source: "turnlog/workflows",
      type,
      subject: { tenant, userKey, conversationId, turnId, attempt: 1 },
      data: { ...exampleOf(type), ...data },
    });
  await store.append([
    state("attempt.started", { model }),
    state("attempt.completed", { model }),
    state("turn.completed", {}),
  ]);
}

// deno-lint-ignore no-explicit-any -- The type of an example follows from its name alone.
function exampleOf(type: EventType): any {
  return eventExamples.find((event) => event.type === type)!.data;
}

async function votesIn(store: EventStore): Promise<Json[]> {
  const events = await store.eventsAfter(0, 1000);
  return events.map(({ body }) => JSON.parse(body))
    .filter(({ type }) => type === "comparison.voted");
}
