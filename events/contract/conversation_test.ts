import assert from "node:assert/strict";
import type { ComparisonWinner } from "./comparison.ts";
import { evolveConversation, evolveTurn, type TurnState } from "./conversation.ts";
import { type ConversationEvent, createEvent, type EventData, type EventType } from "./event.ts";
import { conversationExamples } from "./event_examples.ts";
import { noUsage } from "./usage.ts";

const subject = { tenant: "t", userKey: "u", conversationId: "c", turnId: "turn" };
const target = { provider: "p", model: "m", requestModel: "m", isFallback: false };
const usage = { ...noUsage, inputTokens: 10, outputTokens: 4 };
let ids = 0;

function event<Type extends EventType>(
  type: Type,
  data: EventData[Type],
  attempt?: number,
): ConversationEvent {
  const id = String(++ids);
  return createEvent({ id, source: "s", type, subject: { ...subject, attempt }, data }) as never;
}

const sent = () =>
  event("message.sent", { text: "Hi", parentTurnId: null, route: "default", requestHash: "h" });

const started = (attempt: number, continues = 0) =>
  event("attempt.started", { ...target, continues }, attempt);

const ended = (text: string, lastSequence: number) => ({
  ...target,
  responseModel: "m-1",
  timeToFirstTokenMs: 5,
  durationMs: 20,
  usage,
  costUsd: 0.5,
  priceVersion: null,
  text,
  reasoning: "",
  isContinuation: false,
  lastSequence,
});

const cutOff = { class: "cut-off", message: "It broke" } as const;
const failed = (attempt: number, text: string, lastSequence: number) =>
  event("attempt.failed", { ...ended(text, lastSequence), error: cutOff }, attempt);
const completed = (attempt: number, text: string, lastSequence: number) =>
  event("attempt.completed", {
    ...ended(text, lastSequence),
    finishReason: { unified: "stop", raw: "stop" },
  }, attempt);

function fold(...events: ConversationEvent[]): TurnState {
  return events.reduce<TurnState | null>(evolveTurn, null)!;
}

const total = { attempts: 1, durationMs: 30, usage, costUsd: 0.5 };

Deno.test("an answered turn holds the answer, its attempt and what it cost", () => {
  const turn = fold(
    sent(),
    started(1),
    completed(1, "Hello", 3),
    event("turn.completed", { ...total, finishReason: { unified: "stop", raw: "stop" } }),
  );
  assert.equal(turn.status, "completed");
  assert.equal(turn.text, "Hello");
  assert.equal(turn.attempts[0].responseModel, "m-1");
  assert.equal(turn.costUsd, 0.5);
  assert.deepEqual(turn.position, { attempt: 1, sequence: 4 });
});

Deno.test("an attempt that continues keeps the text before it", () => {
  const turn = fold(sent(), started(1), failed(1, "Hel", 2), started(2, 3), completed(2, "lo", 2));
  assert.equal(turn.text, "Hello");
  assert.deepEqual(turn.attempts.map(({ text }) => text), ["Hel", "lo"]);
});

Deno.test("an attempt that begins anew replaces the text before it", () => {
  const turn = fold(sent(), started(1), failed(1, "Hel", 2), started(2), completed(2, "Bye", 2));
  assert.equal(turn.text, "Bye");
});

Deno.test("usage and cost count every attempt", () => {
  const turn = fold(sent(), started(1), failed(1, "Hel", 2), started(2), completed(2, "Bye", 2));
  assert.equal(turn.usage.inputTokens, 20);
  assert.equal(turn.costUsd, 1);
});

Deno.test("a stopped turn keeps what the user had seen and no more", () => {
  const stopped = event("turn.stopped", { ...total, textLength: 3 });
  assert.equal(fold(sent(), started(1), completed(1, "Hello", 3), stopped).text, "Hel");
});

Deno.test("a turn that was reset after it failed is running again, and its attempts go on", () => {
  const failure = event("turn.failed", { ...total, error: cutOff });
  const turn = fold(sent(), started(1), failed(1, "", 1), failure, started(2));
  assert.equal(turn.status, "running");
  assert.equal(turn.error, null);
  assert.deepEqual(turn.position, { attempt: 2, sequence: 0 });
});

Deno.test("a wait takes a place in the stream, and an attempt ends it", () => {
  const waiting = event("turn.waiting", { until: "2026-11-23T08:00:00.000Z", reason: cutOff });
  const turn = fold(sent(), started(1), failed(1, "", 1), waiting);
  assert.equal(turn.status, "waiting");
  assert.deepEqual(turn.position, { attempt: 1, sequence: 2 });
  assert.equal(fold(sent(), started(1), failed(1, "", 1), waiting, started(2)).waiting, null);
});

Deno.test("a turn that is rerouted asks the model that was chosen, from then on", () => {
  const turn = fold(sent(), event("turn.rerouted", { route: "other", candidates: ["other"] }));
  assert.equal(turn.route, "other");
  assert.equal(turn.status, "accepted");
});

Deno.test("a conversation is called by its first message until someone names it", () => {
  const created = event("conversation.created", { title: null });
  const named = [created, sent()].reduce(evolveConversation, null as never);
  assert.equal(named.title, "Hi");
  const renamed = evolveConversation(named, event("conversation.renamed", { title: "Mine" }));
  assert.equal(renamed.title, "Mine");
  assert.equal(evolveConversation(renamed, sent()).title, "Mine");
});

Deno.test("a long message makes a short title of its first line", () => {
  const long = createEvent({
    id: "x",
    source: "s",
    type: "message.sent",
    subject,
    data: {
      text: `\n ${"word ".repeat(40)}\nsecond line`,
      parentTurnId: null,
      route: "r",
      requestHash: "h",
    },
  });
  const { title } = evolveConversation(null, long);
  assert(title && title.length <= 60 && title.endsWith("…") && !title.includes("\n"));
});

Deno.test("every event type can be folded, and what is folded is plain JSON", () => {
  const conversation = conversationExamples.reduce(evolveConversation, null as never);
  const turn = conversationExamples.reduce<TurnState | null>(evolveTurn, null);
  assert.deepEqual(JSON.parse(JSON.stringify({ conversation, turn })), { conversation, turn });
  assert.equal(conversation.deleted, true);
  assert.equal(turn?.feedback.rating, "up");
});

Deno.test("the last vote on two answers counts, beside those on other answers", () => {
  const vote = (second: string, winner: ComparisonWinner) =>
    event("comparison.voted", {
      turnIds: ["a", second],
      models: ["demo", "demo"],
      winner,
    });
  const turn = fold(sent(), vote("b", "first"), vote("c", "tie"), vote("b", "second"));
  const votes = turn.comparisons?.map(({ turnIds, winner }) => [turnIds[1], winner]);
  assert.deepEqual(votes, [["c", "tie"], ["b", "second"]]);
});
