import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { backtestTurnId, backtestUserKey } from "../contract/backtest.ts";
import {
  createEvent,
  type EventData,
  type EventSubject,
  type EventType,
  type TurnlogEvent,
} from "../contract/event.ts";
import { newEventId } from "../event_id.ts";
import type { EndedTurnsQuery, EventStore } from "./event_store.ts";
import { endedTurnsStatement } from "./sqlite_ended_turns.ts";
import { withStore } from "./temporary_store.ts";

const usage = { inputTokens: 1, outputTokens: 1, cachedTokens: 0, reasoningTokens: 0 };
const end = { attempts: 1, durationMs: 5, usage, costUsd: 0 };

interface PastTurn {
  turnId: string;
  /** In minutes of the hour. */
  minute: number;
  conversationId?: string;
  route?: string;
  model?: string;
  subject?: Partial<EventSubject>;
  isRunning?: boolean;
}

function pastTurn(
  { turnId, minute, conversationId = "c", route = "default", model, subject, isRunning }: PastTurn,
): TurnlogEvent[] {
  const about = { tenant: "t", userKey: "u", conversationId, turnId, ...subject };
  const time = new Date(Date.UTC(2026, 10, 24, 8, minute));
  const event = <Type extends EventType>(type: Type, data: EventData[Type], attempt?: number) =>
    createEvent({
      id: newEventId(),
      source: "s",
      type,
      subject: { ...about, attempt },
      data,
      time,
    }) as TurnlogEvent;
  const target = { provider: "p", model: model ?? "m", requestModel: "m", isFallback: false };
  return [
    event("message.sent", { text: turnId, parentTurnId: null, route, requestHash: "h" }),
    ...(model ? [event("attempt.started", { ...target, continues: 0 }, 1)] : []),
    ...(isRunning
      ? []
      : [event("turn.completed", { ...end, finishReason: { unified: "stop", raw: null } })]),
  ];
}

const hour = { from: "2026-11-24T08:00:00.000Z", to: "2026-11-24T09:00:00.000Z" };

async function found(store: EventStore, query: Partial<EndedTurnsQuery> = {}): Promise<string[]> {
  return (await store.endedTurns({ ...hour, limit: 100, ...query })).turnIds;
}

Deno.test("past turns come by the time at which they were sent, page by page, none twice", () =>
  withStore(async (store) => {
    // Several were sent at the same time, and they were stored in another order.
    const minutes = [30, 10, 10, 10, 20, 0, 59];
    for (const [index, minute] of minutes.entries()) {
      await store.append(pastTurn({ turnId: `turn-${index}`, minute }));
    }
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await store.endedTurns({ ...hour, limit: 2, cursor });
      pages.push(page.turnIds);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(pages, [
      ["turn-5", "turn-1"],
      ["turn-2", "turn-3"],
      ["turn-4", "turn-0"],
      ["turn-6"],
    ]);
  }));

Deno.test("the range holds its beginning and not its end", () =>
  withStore(async (store) => {
    for (const minute of [9, 10, 19, 20]) {
      await store.append(pastTurn({ turnId: `at-${minute}`, minute }));
    }
    assert.deepEqual(
      await found(store, { from: "2026-11-24T08:10:00.000Z", to: "2026-11-24T08:20:00.000Z" }),
      ["at-10", "at-19"],
    );
  }));

Deno.test("turns are chosen by their route, their last model and their conversation", () =>
  withStore(async (store) => {
    await store.append([
      ...pastTurn({ turnId: "a", minute: 1, route: "fast", model: "small" }),
      ...pastTurn({ turnId: "b", minute: 2, route: "fast", model: "large" }),
      ...pastTurn({ turnId: "c", minute: 3, model: "large", conversationId: "other" }),
    ]);
    assert.deepEqual(await found(store, { route: "fast" }), ["a", "b"]);
    assert.deepEqual(await found(store, { lastModel: "large" }), ["b", "c"]);
    assert.deepEqual(await found(store, { conversationId: "other" }), ["c"]);
    assert.deepEqual(await found(store, { route: "fast", lastModel: "large" }), ["b"]);
  }));

Deno.test("what runs still, what was deleted, and what a backtest ran are left out", () =>
  withStore(async (store) => {
    const subject = { tenant: "t", userKey: "u", conversationId: "deleted" };
    const turnId = backtestTurnId("b", "kept");
    await store.append([
      ...pastTurn({ turnId: "kept", minute: 1 }),
      ...pastTurn({ turnId: "running", minute: 1, isRunning: true }),
      ...pastTurn({ turnId: "gone", minute: 1, conversationId: "deleted" }),
      createEvent({
        id: newEventId(),
        source: "s",
        type: "conversation.deleted",
        subject,
        data: {},
      }),
      ...pastTurn({
        turnId,
        minute: 1,
        conversationId: turnId,
        subject: { userKey: backtestUserKey, backtest: { id: "b", turnId: "kept" } },
      }),
    ]);
    assert.deepEqual(await found(store), ["kept"]);
    const running = { id: "b", turnId: "running" };
    await store.append(pastTurn({
      turnId: backtestTurnId("b", "running"),
      minute: 1,
      conversationId: "b",
      subject: { userKey: backtestUserKey, backtest: running },
      isRunning: true,
    }));
    const live = await store.operationTurns({ status: "live", order: "newest-first", limit: 10 });
    assert.deepEqual(live.items.map(({ turnId }) => turnId), ["running"], "for operators too");
    assert.deepEqual((await store.turn(turnId))?.backtest, { id: "b", turnId: "kept" });
    const listed = await store.conversations({ userKey: "u", search: "kept", limit: 10 });
    assert.deepEqual(listed.items.map(({ conversationId }) => conversationId), ["c"]);
  }));

Deno.test("they are found by an index, not by reading all turns", () =>
  withStore(async (store, path) => {
    await store.append(pastTurn({ turnId: "a", minute: 1 }));
    const database = new DatabaseSync(path);
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${endedTurnsStatement}`).all()
      .map(({ detail }) => String(detail));
    database.close();
    assert.match(plan[0], /USING INDEX turns_by_time \(<expr>>\? AND <expr><\?\)/);
    assert(!plan.some((step) => step.includes("TEMP B-TREE")), plan.join("\n"));
  }));
