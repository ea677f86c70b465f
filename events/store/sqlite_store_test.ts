import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { createEvent, type TurnlogEvent } from "../contract/event.ts";
import { conversationExamples, eventExamples } from "../contract/event_examples.ts";
import { newEventId } from "../event_id.ts";
import { openSqliteStore } from "./sqlite_store.ts";
import { withStore } from "./temporary_store.ts";

function message(
  conversationId: string,
  turnId: string,
  text: string,
  parentTurnId: string | null = null,
  userKey = "u",
): TurnlogEvent {
  return createEvent({
    id: newEventId(),
    source: "s",
    type: "message.sent",
    subject: { tenant: "t", userKey, conversationId, turnId },
    data: { text, parentTurnId, route: "default", requestHash: "h" },
  });
}

Deno.test("an event is appended once, and its first bytes are kept", () =>
  withStore(async (store) => {
    const event = message("c", "t1", "first");
    await store.append([event, event]);
    await store.append([{ ...event, time: "2000-01-01T00:00:00.000Z" }]);
    const events = await store.eventsAfter(0, 10);
    assert.deepEqual(events.map(({ body }) => body), [JSON.stringify(event)]);
  }));

Deno.test("every event type is stored and read back as it was", () =>
  withStore(async (store) => {
    await store.append(eventExamples);
    const events = await store.eventsAfter(0, 100);
    assert.deepEqual(events.map(({ body }) => JSON.parse(body)), eventExamples);
  }));

Deno.test("the history of a turn is its path to the root, other branches left out", () =>
  withStore(async (store) => {
    await store.append([
      message("c", "root", "1"),
      message("c", "left", "2", "root"),
      message("c", "right", "3", "root"),
      message("c", "leaf", "4", "right"),
    ]);
    const path = await store.turnPath("leaf");
    assert.deepEqual(path.map(({ turnId }) => turnId), ["root", "right", "leaf"]);
    assert.equal((await store.latestTurn("c"))?.turnId, "leaf");
  }));

Deno.test("a decision sees the turn as it stands, and its events are there at once", () =>
  withStore(async (store) => {
    await store.append([message("c", "t", "hello")]);
    const rated = await store.updateTurn("t", (turn) => {
      assert.equal(turn?.message, "hello");
      return [createEvent({
        id: newEventId(),
        source: "s",
        type: "feedback.given",
        subject: { tenant: "t", userKey: "u", conversationId: "c", turnId: "t" },
        data: { rating: "up", comment: null },
      })];
    });
    assert.equal(rated?.feedback.rating, "up");
    assert.equal(await store.updateTurn("unknown", () => []), null);
  }));

Deno.test("a decision that throws changes nothing", () =>
  withStore(async (store) => {
    await assert.rejects(store.updateTurn("t", () => {
      throw new Error("no");
    }));
    await store.append([message("c", "t", "hello")]);
    assert.equal((await store.eventsAfter(0, 10)).length, 1);
  }));

Deno.test("conversations are listed by their user, newest activity first, page by page", () =>
  withStore(async (store) => {
    for (const name of ["a", "b", "c"]) {
      await store.append([{
        ...message(name, `turn-${name}`, name),
        time: `2026-11-2${"abc".indexOf(name)}T00:00:00.000Z`,
      }]);
    }
    await store.append([message("other", "turn-other", "x", null, "someone else")]);
    const first = await store.conversations({ userKey: "u", limit: 2 });
    assert.deepEqual(first.items.map(({ conversationId }) => conversationId), ["c", "b"]);
    const second = await store.conversations({
      userKey: "u",
      limit: 2,
      cursor: first.nextCursor!,
    });
    assert.deepEqual(second.items.map(({ conversationId }) => conversationId), ["a"]);
    assert.equal(second.nextCursor, null);
    await assert.rejects(
      store.conversations({ userKey: "u", limit: 2, cursor: "made up" }),
      RangeError,
    );
  }));

Deno.test("a deleted conversation is not listed", () =>
  withStore(async (store) => {
    await store.append(eventExamples);
    const { userKey } = conversationExamples[0];
    assert.deepEqual((await store.conversations({ userKey, limit: 10 })).items, []);
  }));

Deno.test("search finds words, beginnings and accents, and takes no character for an operator", () =>
  withStore(async (store) => {
    await store.append([message("c", "t", "Über die Wörter “quoted” it's 100% sure")]);
    const found = async (search: string) =>
      (await store.conversations({ userKey: "u", search, limit: 10 })).items.length;
    for (const search of ["uber", "wor", "quoted sur", "it's", "100%", "  "]) {
      assert.equal(await found(search), 1, search);
    }
    for (const search of ["missing", '"', "NOT", "* OR *", "NEAR("]) {
      assert.equal(await found(search), 0, search);
    }
  }));

Deno.test("one holder at a time may publish, and only forward", () =>
  withStore(async (store) => {
    assert.equal(await store.claimRelay("a", 60_000), 0);
    assert.equal(await store.claimRelay("b", 60_000), null);
    assert.equal(await store.advanceRelay("a", 5), true);
    assert.equal(await store.advanceRelay("b", 9), false);
    await store.advanceRelay("a", 3);
    await store.releaseRelay("a");
    assert.equal(await store.claimRelay("b", 60_000), 5);
  }));

Deno.test("events count as unpublished until their publication is recorded", () =>
  withStore(async (store) => {
    await store.append(conversationExamples.slice(0, 3));
    assert.equal(await store.unpublishedCount(), 3);
    const [, second] = await store.eventsAfter(0, 3);
    await store.claimRelay("a", 60_000);
    await store.advanceRelay("a", second.position);
    assert.equal(await store.unpublishedCount(), 1);
  }));

Deno.test("a right to publish that was not renewed lapses", () =>
  withStore(async (store) => {
    await store.claimRelay("a", -1);
    assert.equal(await store.claimRelay("b", 60_000), 0);
    assert.equal(await store.advanceRelay("a", 5), false);
  }));

Deno.test("several connections append at once, and nothing is lost", () =>
  withStore(async (store, path) => {
    const others = [openSqliteStore(path), openSqliteStore(path)];
    await Promise.all(
      [store, ...others].flatMap((each, writer) =>
        Array.from(
          { length: 50 },
          (_, index) => each.append([message("c", `${writer}-${index}`, "x")]),
        )
      ),
    );
    for (const other of others) await other.close();
    assert.equal((await store.eventsAfter(0, 1000)).length, 150);
    assert.equal((await store.conversationTurns("c")).length, 150);
  }));

Deno.test("a store that a newer Turnlog wrote is refused with the way out", () =>
  withStore(async (store, path) => {
    await store.close();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 999");
    database.close();
    assert.throws(() => openSqliteStore(path), /version 999.*newer Turnlog/);
  }));
