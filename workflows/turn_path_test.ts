import assert from "node:assert/strict";
import { backtestTurnId } from "../events/contract/backtest.ts";
import type { ChatRequest } from "../events/contract/chat_request.ts";
import { createEvent, type EventSubject, type TurnlogEvent } from "../events/contract/event.ts";
import { newEventId } from "../events/event_id.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { createBacktestActivities } from "./backtest_activities.ts";
import { pathToAnswer } from "./turn_path.ts";

async function withStore(run: (store: EventStore) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const store = openSqliteStore(`${folder}/turnlog.db`);
  try {
    await run(store);
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const conversation: EventSubject = { tenant: "t", userKey: "u", conversationId: "c" };

function message(
  turnId: string,
  text: string,
  parentTurnId: string | null,
  request?: ChatRequest,
): TurnlogEvent {
  return createEvent({
    id: newEventId(),
    source: "s",
    type: "message.sent",
    subject: { ...conversation, turnId },
    data: { text, parentTurnId, route: "default", requestHash: "h", ...(request && { request }) },
  });
}

function deleted(): TurnlogEvent {
  return createEvent({
    id: newEventId(),
    source: "s",
    type: "conversation.deleted",
    subject: conversation,
    data: {},
  });
}

const again = { backtestId: "b", turnId: "leaf", route: "other" };
const turnId = backtestTurnId("b", "leaf");

Deno.test("a backtest's turn has the original's history and message, and holds neither itself", () =>
  withStore(async (store) => {
    await store.append([
      message("root", "First", null),
      message("branch", "Another branch", "root"),
      message("leaf", "Second", "root"),
    ]);
    const { beginBacktestTurn } = createBacktestActivities({ store });
    // Twice, as after a crash.
    await beginBacktestTurn(again);
    assert.equal((await beginBacktestTurn(again)).type, "begun");
    assert.equal((await store.eventsAfter(0, 10)).length, 4);
    const path = await pathToAnswer(store, turnId);
    assert.deepEqual(path.map(({ turnId, message }) => [turnId, message]), [
      ["root", "First"],
      [turnId, "Second"],
    ]);
    assert.equal((await store.turn(turnId))?.message, "");
    assert.deepEqual(
      (await pathToAnswer(store, "leaf")).map(({ message }) => message),
      ["First", "Second"],
    );
  }));

Deno.test("what a program asked is asked again as it was", () =>
  withStore(async (store) => {
    const request: ChatRequest = {
      messages: [{ role: "user", content: "Call a tool" }],
      tools: [{ name: "clock" }],
    };
    await store.append([message("leaf", "Call a tool", null, request)]);
    await createBacktestActivities({ store }).beginBacktestTurn(again);
    assert.deepEqual((await pathToAnswer(store, turnId)).at(-1)?.request, request);
    assert.equal((await store.turn(turnId))?.request, undefined);
  }));

Deno.test("what its user has deleted is not answered again, before it begins as well as after", () =>
  withStore(async (store) => {
    const { beginBacktestTurn } = createBacktestActivities({ store });
    await store.append([message("leaf", "Second", null)]);
    await beginBacktestTurn(again);
    await store.append([deleted()]);
    await assert.rejects(pathToAnswer(store, turnId), /its user has deleted it/);
    assert.deepEqual(await beginBacktestTurn(again), { type: "ended", outcome: "skipped" });
    assert.deepEqual(await beginBacktestTurn({ ...again, turnId: "unknown" }), {
      type: "ended",
      outcome: "skipped",
    });
  }));
