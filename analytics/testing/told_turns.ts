/**
 * Three weeks of a small chat product, told so that a person can count what the views must say of them. The range of the
 * tests begins on Monday, November 2, at midnight and ends on Monday, November 23; it holds none of the first turn and none
 * of the last one.
 */
import {
  type ConversationEvent,
  createEvent,
  createSystemEvent,
  type EventData,
  type EventType,
  type SystemEvent,
  type SystemEventData,
  type SystemEventType,
} from "../../events/contract/event.ts";
import { eventExamples } from "../../events/contract/event_examples.ts";
import { stepEventId } from "../../events/event_id.ts";
import type { FinishReason } from "../../events/contract/usage.ts";

/** The whole range. */
export const threeWeeks = { from: "2026-11-02T00:00:00Z", to: "2026-11-23T00:00:00Z" };

/** A step of a turn: seconds after the message, the type, and what of its data matters here. */
type Step = { [Type in EventType]: [number, Type, Partial<EventData[Type]>] }[EventType];

interface ToldTurn {
  id: string;
  user: string;
  conversation: string;
  at: string;
  message?: Partial<EventData["message.sent"]>;
  variants?: Record<string, string>;
}

const stopped: FinishReason = { unified: "stopped", raw: null };
const overloaded = { class: "overloaded", message: "503" } as const;
const waiting = { until: "2026-11-03T23:00:00.000Z", reason: overloaded };

export const toldTurns: readonly ConversationEvent[] = [
  turn(
    { id: "before", user: "ann", conversation: "c0", at: "2026-10-30T10:00:00Z" },
    [2, "attempt.completed", called("llama", { timeToFirstTokenMs: 100, costUsd: 1 })],
    [3, "turn.completed", { durationMs: 3000 }],
  ),
  turn(
    {
      id: "rated",
      user: "ann",
      conversation: "c1",
      at: "2026-11-02T09:00:00Z",
      variants: { tone: "control" },
    },
    [2, "attempt.completed", {
      ...called("llama", { timeToFirstTokenMs: 200, durationMs: 1200, costUsd: 0.01 }),
      usage: tokens(100, 11),
    }],
    [3, "turn.completed", { durationMs: 1300 }],
    [60, "feedback.given", { rating: "down", comment: null }],
    [120, "feedback.given", { rating: "up", comment: "On second thought" }],
  ),
  turn(
    { id: "fell-back", user: "ben", conversation: "c2", at: "2026-11-02T10:00:00Z" },
    [1, "attempt.failed", {
      ...called("llama", { timeToFirstTokenMs: null, durationMs: 100, costUsd: 0.001 }),
      usage: tokens(10, 0),
    }],
    [4, "attempt.completed", {
      ...called("gpt", { timeToFirstTokenMs: 400, durationMs: 2400, costUsd: 0.05 }),
      usage: tokens(100, 41),
      isFallback: true,
    }],
    [5, "turn.completed", { durationMs: 5000 }],
    [60, "feedback.given", { rating: "up", comment: null }],
    [61, "feedback.given", { rating: null, comment: null }],
  ),
  turn(
    {
      id: "stopped",
      user: "ben",
      conversation: "c2",
      at: "2026-11-02T10:05:00Z",
      message: { regeneratedFrom: "fell-back" },
    },
    [1, "attempt.completed", {
      ...called("gpt", { timeToFirstTokenMs: 300, durationMs: 700, costUsd: 0.02 }),
      usage: tokens(100, 5),
      finishReason: stopped,
    }],
    [2, "turn.stopped", { durationMs: 800, textLength: 10 }],
  ),
  // Nobody could answer, and it failed after five minutes of waiting; two hours later an operator had it tried again.
  turn(
    { id: "reset", user: "cem", conversation: "c3", at: "2026-11-03T12:00:00Z" },
    [
      1,
      "attempt.failed",
      called("llama", { timeToFirstTokenMs: 500, durationMs: 800, costUsd: 0.002 }),
    ],
    [1, "turn.waiting", waiting],
    [
      61.5,
      "attempt.failed",
      called("llama", { timeToFirstTokenMs: null, durationMs: 500, costUsd: 0.002 }),
    ],
    [62, "turn.waiting", waiting],
    [302, "turn.failed", { durationMs: 302_000, error: overloaded }],
    [7200, "attempt.completed", {
      ...called("llama", { timeToFirstTokenMs: 600, durationMs: 1600, costUsd: 0.03 }),
      usage: tokens(100, 31),
      isContinuation: true,
    }],
    [7201, "turn.completed", { durationMs: 7_201_000, attempts: 3 }],
    [86_400, "feedback.given", { rating: "down", comment: null }],
  ),
  turn(
    {
      id: "of-a-program",
      user: "key",
      conversation: "of-a-program",
      at: "2026-11-03T15:00:00Z",
      message: { request: { messages: [] } },
      variants: { tone: "brief" },
    },
    [2, "attempt.completed", {
      ...called("llama", { timeToFirstTokenMs: 250, durationMs: 250, costUsd: 0.005 }),
      usage: tokens(50, 1),
    }],
    [3, "turn.completed", { durationMs: 400 }],
  ),
  turn(
    {
      id: "a-week-later",
      user: "ann",
      conversation: "c1",
      at: "2026-11-09T09:00:00Z",
      variants: { length: "short" },
    },
    [2, "attempt.completed", {
      ...called("claude", { timeToFirstTokenMs: 150, durationMs: 1150, costUsd: 0.04 }),
      usage: tokens(200, 101),
    }],
    [3, "turn.completed", { durationMs: 1200 }],
  ),
  turn(
    { id: "came-back", user: "cem", conversation: "c4", at: "2026-11-10T09:00:00Z" },
    [2, "attempt.completed", {
      ...called("llama", { timeToFirstTokenMs: 220, durationMs: 1220, costUsd: 0.006 }),
      usage: tokens(100, 51),
    }],
    [3, "turn.completed", { durationMs: 1300 }],
  ),
  turn(
    { id: "after", user: "ben", conversation: "c2", at: threeWeeks.to },
    [0, "attempt.completed", called("llama", { timeToFirstTokenMs: 1, costUsd: 100 })],
    [0, "turn.completed", { durationMs: 9_000_000 }],
    [0, "feedback.given", { rating: "down", comment: null }],
  ),
].flat();

/** Two addresses of a provider: one that was left alone twice in a row and answered again, and one that did not. */
export const toldCoolDowns: readonly SystemEvent[] = [
  ofProvider("2026-11-02T23:00:00Z", "provider.cooled_down", { endpoint: "http://a" }),
  ofProvider("2026-11-02T23:30:00Z", "provider.cooled_down", { endpoint: "http://a" }),
  ofProvider("2026-11-03T01:00:00Z", "provider.recovered", { endpoint: "http://a" }),
  ofProvider("2026-11-22T12:00:00Z", "provider.cooled_down", { endpoint: "http://b" }),
  ofProvider("2026-11-23T12:00:00Z", "provider.recovered", { endpoint: "http://b" }),
];

function turn(
  { id, user, conversation, at, message, variants }: ToldTurn,
  ...steps: Step[]
): ConversationEvent[] {
  const subject = {
    tenant: "default",
    userKey: user,
    conversationId: conversation,
    turnId: id,
    ...(variants && { variants }),
  };
  const told: Step[] = [[0, "message.sent", message ?? {}], ...steps.flatMap(withStart)];
  let attempt = 0;
  return told.map(([seconds, type, data], step) => {
    if (type === "attempt.started") attempt++;
    return createEvent({
      id: stepEventId(id, "run", `${step}`),
      source: "turnlog/workflows",
      type,
      subject: type.startsWith("attempt.") ? { ...subject, attempt } : subject,
      data: { ...exampleOf(type), ...data },
      time: new Date(Date.parse(at) + seconds * 1000),
    }) as ConversationEvent;
  });
}

/** An attempt began as long before its end as it took. */
function withStart(step: Step): Step[] {
  const [seconds, type, data] = step;
  if (type !== "attempt.completed" && type !== "attempt.failed") return [step];
  const { durationMs, model, requestModel, isFallback } = { ...exampleOf(type), ...data };
  return [
    [seconds - durationMs / 1000, "attempt.started", { model, requestModel, isFallback }],
    step,
  ];
}

function ofProvider<Type extends SystemEventType>(
  at: string,
  type: Type,
  data: Partial<SystemEventData[Type]>,
): SystemEvent {
  return createSystemEvent({
    id: stepEventId(at, "run", type),
    source: "turnlog/workflows",
    type,
    subject: "provider/local",
    data: { ...exampleOf(type), ...data } as SystemEventData[Type],
    time: new Date(at),
  }) as SystemEvent;
}

// deno-lint-ignore no-explicit-any -- The type of an example follows from its name alone.
function exampleOf(type: EventType | SystemEventType): any {
  return eventExamples.find((event) => event.type === type)!.data;
}

function called<Data>(model: string, data: Data) {
  return { model, requestModel: model, isFallback: false, ...data };
}

function tokens(inputTokens: number, outputTokens: number) {
  return { inputTokens, outputTokens, cachedTokens: 0, reasoningTokens: 0 };
}
