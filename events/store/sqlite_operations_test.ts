import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  type ConversationEvent,
  createEvent,
  type EventData,
  type EventType,
} from "../contract/event.ts";
import type { FailureClass } from "../contract/failure.ts";
import { noUsage } from "../contract/usage.ts";
import { newEventId } from "../event_id.ts";
import type { EventStore, OperationTurnQuery } from "./event_store.ts";
import { openSqliteStore } from "./sqlite_store.ts";
import { withStore } from "./temporary_store.ts";

function stating(store: EventStore, turnId: string, conversationId = "c") {
  return <Type extends EventType>(type: Type, data: EventData[Type], time = new Date()) =>
    store.append([createEvent({
      id: newEventId(),
      source: "s",
      type,
      subject: { tenant: "t", userKey: "u", conversationId, turnId },
      data,
      time,
    }) as ConversationEvent]);
}

const end = { attempts: 1, durationMs: 1, usage: noUsage, costUsd: 0 };
const message = { text: "Hi", parentTurnId: null, route: "default", requestHash: "h" };
const target = { provider: "local", requestModel: "m", isFallback: false, continues: 0 };

async function fail(store: EventStore, turnId: string, reason: FailureClass, model: string) {
  const state = stating(store, turnId);
  await state("message.sent", message);
  await state("attempt.started", { ...target, model });
  await state("turn.failed", { ...end, error: { class: reason, message: "Down" } });
}

async function listed(store: EventStore, query: Partial<OperationTurnQuery> = {}) {
  const page = await store.operationTurns({
    status: "failed",
    order: "newest-first",
    limit: 10,
    ...query,
  });
  return page.items.map(({ turnId }) => turnId);
}

Deno.test("a turn is listed as live, waiting or failed as it goes, and no more once it has ended well", () =>
  withStore(async (store) => {
    const state = stating(store, "t");
    await state("message.sent", message);
    assert.deepEqual(await listed(store, { status: "live" }), ["t"]);
    const reason = { class: "overloaded", message: "Down" } as const;
    await state("turn.waiting", { until: new Date().toISOString(), reason });
    assert.deepEqual(await listed(store, { status: "live" }), []);
    assert.deepEqual(await listed(store, { status: "waiting", errorClass: "overloaded" }), ["t"]);
    await state("turn.failed", { ...end, error: reason });
    assert.deepEqual(await listed(store), ["t"]);
    await state("attempt.started", { ...target, model: "m" });
    await state("turn.completed", { ...end, finishReason: { unified: "stop", raw: null } });
    for (const status of ["live", "waiting", "failed"] as const) {
      assert.deepEqual(await listed(store, { status }), []);
    }
  }));

Deno.test("failed turns are found by what they have in common, and counted by it", () =>
  withStore(async (store) => {
    await fail(store, "a", "bad-credentials", "x");
    await fail(store, "b", "overloaded", "x");
    await fail(store, "c", "overloaded", "y");
    await fail(store, "d", "overloaded", "y");
    assert.deepEqual(await listed(store, { errorClass: "overloaded" }), ["d", "c", "b"]);
    assert.deepEqual(await listed(store, { errorClass: "overloaded", model: "x" }), ["b"]);
    assert.deepEqual(await listed(store, { provider: "other" }), []);
    assert.deepEqual(await listed(store, { order: "oldest-first", limit: 2 }), ["a", "b"]);
    const [most] = await store.operationCounts();
    assert.deepEqual(most, {
      status: "failed",
      errorClass: "overloaded",
      model: "y",
      provider: "local",
      turns: 2,
    });
  }));

Deno.test("failed turns are found by when they failed", () =>
  withStore(async (store) => {
    const state = stating(store, "t");
    await state("message.sent", message);
    const error = { class: "overloaded", message: "Down" } as const;
    await state("turn.failed", { ...end, error }, new Date("2026-11-23T08:00:00Z"));
    const at = "2026-11-23T08:00:00.000Z";
    assert.deepEqual(await listed(store, { endedFrom: at }), ["t"]);
    assert.deepEqual(await listed(store, { endedBefore: at }), []);
  }));

Deno.test("pages follow each other without a gap, and only with a cursor of the list", () =>
  withStore(async (store) => {
    for (const turnId of ["a", "b", "c"]) await fail(store, turnId, "internal", "m");
    const query = { status: "failed", order: "newest-first", limit: 2 } as const;
    const first = await store.operationTurns(query);
    const rest = await store.operationTurns({ ...query, cursor: first.nextCursor! });
    assert.deepEqual([...first.items, ...rest.items].map(({ turnId }) => turnId), ["c", "b", "a"]);
    assert.equal(rest.nextCursor, null);
    await assert.rejects(store.operationTurns({ ...query, cursor: "made up" }), RangeError);
  }));

Deno.test("the turns of a deleted conversation are nobody's task, even if they fail later", () =>
  withStore(async (store) => {
    await fail(store, "t", "internal", "m");
    const open = stating(store, "open");
    await open("message.sent", message);
    await stating(store, "t")("conversation.deleted", {});
    await open("turn.failed", { ...end, error: { class: "internal", message: "Down" } });
    assert.deepEqual(await listed(store), []);
    assert.deepEqual(await store.operationCounts(), []);
  }));

Deno.test("turns that an earlier version stored are found after the file is brought up to date", () =>
  withStore(async (store, path) => {
    await fail(store, "t", "overloaded", "x");
    await store.close();
    const database = new DatabaseSync(path);
    database.exec(`
      DROP INDEX turns_by_operation_status;
      ALTER TABLE turns DROP COLUMN operation_status;
      ALTER TABLE turns DROP COLUMN error_class;
      ALTER TABLE turns DROP COLUMN model;
      ALTER TABLE turns DROP COLUMN provider;
      ALTER TABLE turns DROP COLUMN ended_at;
      PRAGMA user_version = 2;
    `);
    database.close();
    const newer = openSqliteStore(path);
    const query = { errorClass: "overloaded", model: "x", provider: "local" } as const;
    assert.deepEqual(await listed(newer, query), ["t"]);
    await newer.close();
  }));
