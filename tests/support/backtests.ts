/** Past turns, and backtests of them, for the tests on real engines. */
import type { BacktestView } from "../../events/contract/backtest.ts";
import { backtestTurnId } from "../../events/contract/backtest.ts";
import type { TurnState } from "../../events/contract/conversation.ts";
import {
  type ConversationEvent,
  createEvent,
  type EventData,
  type EventType,
} from "../../events/contract/event.ts";
import { noUsage } from "../../events/contract/usage.ts";
import { newEventId } from "../../events/event_id.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { openSqliteStore } from "../../events/store/sqlite_store.ts";
import type { TurnClient } from "../../scripts/load/turn_client.ts";
import { until } from "../../scripts/load/until.ts";
import type { TestStack } from "./test_stack.ts";

/** Fast enough to be no limit. */
export const unlimited = { turnsPerMinute: 6000, concurrency: 15 };

/** Sends messages in conversations of their own, one after the other in each. @returns The turns, conversation by conversation. */
export async function haveConversations(
  client: TurnClient,
  texts: readonly (readonly string[])[],
  model: string,
): Promise<{ conversationId: string; turnIds: string[] }[]> {
  return await Promise.all(texts.map(async (messages) => {
    const conversationId = await client.conversation();
    const turnIds: string[] = [];
    for (const text of messages) {
      const { turnId } = await client.send(conversationId, { text, model });
      await client.untilEnded(turnId);
      turnIds.push(turnId);
    }
    return { conversationId, turnIds };
  }));
}

/** Past turns that nobody had to wait for: their events alone. */
export async function storePastTurns(
  store: EventStore,
  conversationId: string,
  count: number,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    const turnId = crypto.randomUUID();
    const subject = { tenant: "default", userKey: "somebody", conversationId, turnId };
    const event = <Type extends EventType>(type: Type, data: EventData[Type]) =>
      createEvent({
        id: newEventId(),
        source: "tests",
        type,
        subject,
        data,
      }) as ConversationEvent;
    const text = `Past message ${index}`;
    await store.append([
      event("message.sent", { text, parentTurnId: null, route: "default", requestHash: "h" }),
      event("turn.failed", {
        attempts: 0,
        durationMs: 1,
        usage: noUsage,
        costUsd: 0,
        error: { class: "overloaded", message: "Down" },
      }),
    ]);
  }
}

export function readStore<Result>(
  { stack }: TestStack,
  read: (store: EventStore) => Promise<Result>,
): Promise<Result> {
  const store = openSqliteStore(`${stack.settings.TURNLOG_DATA}/turnlog.db`);
  return read(store).finally(() => store.close());
}

/** @returns How the backtest answered these turns, in their order. */
export async function rerunsOf(
  test: TestStack,
  id: string,
  turnIds: readonly string[],
): Promise<(TurnState | null)[]> {
  return await readStore(
    test,
    (store) => Promise.all(turnIds.map((turnId) => store.turn(backtestTurnId(id, turnId)))),
  );
}

export async function startBacktest(
  { client }: TestStack,
  request: { id: string } & Record<string, unknown>,
): Promise<{ status: number; view: BacktestView }> {
  const response = await client.request("POST", "/api/operations/backtests", request);
  return { status: response.status, view: await response.json() };
}

async function readBacktest({ client }: TestStack, id: string): Promise<BacktestView> {
  const response = await client.request("GET", `/api/operations/backtests/${id}`);
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

export async function untilBacktest(
  test: TestStack,
  id: string,
  withinMs: number,
  isSo: (view: BacktestView) => boolean = ({ status }) => status !== "running",
): Promise<BacktestView> {
  return await until(`backtest ${id} is as far`, withinMs, async () => {
    const view = await readBacktest(test, id);
    return isSo(view) && view;
  });
}
