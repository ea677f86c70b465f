/** Events of turns that nobody had, as Turnlog states them, for loads on Kafka and ClickHouse: the same number, the same events. */
import { v5 } from "uuid";
import { createEvent, type EventData } from "../../events/contract/event.ts";
import type { Message } from "../../events/kafka/kafka_log.ts";

/** The events that a turn has here. */
const types = [
  "message.sent",
  "turn.started",
  "attempt.started",
  "attempt.completed",
  "turn.completed",
] as const;
export const eventsPerTurn = types.length;
/** How many turns a conversation has. */
const turnsPerConversation = 10;
/** What each turn's attempt read and wrote. */
export const turnUsage = {
  inputTokens: 60,
  outputTokens: 240,
  cachedTokens: 0,
  reasoningTokens: 0,
};

const message = "How do I keep the events of a topic in their order, whoever reads them? ".repeat(
  3,
);
const answer = "Order holds within a partition, so give what belongs together the same key. "
  .repeat(12);

/**
 * @param number From 0; turns of the same ten share a conversation.
 * @param time When the turn began.
 * @returns The turn's events, keyed as the relay keys them.
 */
export function turnEvents(number: number, time: Date): Message[] {
  const conversationId = idOf("conversation", Math.floor(number / turnsPerConversation));
  const turnId = idOf("turn", number);
  const userKey = idOf("user", Math.floor(number / turnsPerConversation / 3));
  const target = {
    provider: "simulated",
    model: number % 3 === 0 ? "large" : "small",
    requestModel: "demo",
    endpoint: "",
    isFallback: false,
  };
  const finishReason = { unified: "stop", raw: "stop" } as const;
  const costUsd = 0.0004;
  const event = <Type extends (typeof types)[number]>(
    type: Type,
    atMs: number,
    data: EventData[Type],
  ) => ({
    key: conversationId,
    value: JSON.stringify(createEvent({
      id: idOf(type, number),
      source: "turnlog/workflows",
      type,
      subject: {
        tenant: "default",
        userKey,
        conversationId,
        turnId,
        ...(type.startsWith("attempt.") && { attempt: 1 }),
      },
      data,
      time: new Date(time.getTime() + atMs),
    })),
  });
  return [
    event("message.sent", 0, {
      text: message,
      parentTurnId: null,
      route: "default",
      requestHash: turnId,
    }),
    event("turn.started", 5, { route: "default", candidates: [target.model] }),
    event("attempt.started", 6, { ...target, continues: 0 }),
    event("attempt.completed", 900, {
      ...target,
      responseModel: "demo",
      timeToFirstTokenMs: 150 + number % 100,
      durationMs: 894,
      usage: turnUsage,
      costUsd,
      priceVersion: "2026-11-01",
      text: answer,
      reasoning: "",
      isContinuation: false,
      lastSequence: 80,
      finishReason,
    }),
    event("turn.completed", 901, {
      attempts: 1,
      durationMs: 901,
      usage: turnUsage,
      costUsd,
      finishReason,
    }),
  ];
}

/** @returns The ids of the turn's events. */
export function eventIds(number: number): string[] {
  return types.map((type) => idOf(type, number));
}

const namespace = v5("turnlog/load", v5.URL);

function idOf(what: string, number: number): string {
  return v5(`${what} ${number}`, namespace);
}
