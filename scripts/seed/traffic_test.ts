import assert from "node:assert/strict";
import { readEventRows } from "../../analytics/ingest/event_row.ts";
import { evolveConversation, evolveTurn, isEnded } from "../../events/contract/conversation.ts";
import {
  type ConversationEvent,
  isConversationEvent,
  type TurnlogEvent,
} from "../../events/contract/event.ts";
import { addUsage, noUsage } from "../../events/contract/usage.ts";
import { localTimeIn } from "./calendar.ts";
import { makeTraffic } from "./traffic.ts";
import { type ExperimentOptions, trafficDefaults, type TrafficOptions } from "./traffic_options.ts";

const dayMs = 86_400_000;

const options: TrafficOptions = {
  ...trafficDefaults,
  events: 20_000,
  days: 30,
  untilMs: Date.UTC(2026, 10, 24, 12),
  timeZone: "Europe/Berlin",
};
const traffic = [...makeTraffic(options)];
const ofConversations = traffic.filter(isConversationEvent);

Deno.test("the same options make the same events, another seed makes others", () => {
  assert.deepEqual([...makeTraffic(options)], traffic);
  const ids = new Set(traffic.map(({ id }) => id));
  const others = [...makeTraffic({ ...options, seed: 2 })];
  assert.ok(others.every(({ id }) => !ids.has(id)));
});

Deno.test("there are about as many events as were asked for, each once and within the range", () => {
  assert.ok(Math.abs(traffic.length / options.events - 1) < 0.1, `${traffic.length} events`);
  assert.equal(new Set(traffic.map(({ id }) => id)).size, traffic.length);
  const times = traffic.map(({ time }) => Date.parse(time));
  assert.ok(Math.min(...times) >= options.untilMs - options.days * dayMs);
  assert.ok(Math.max(...times) <= options.untilMs);
});

Deno.test("ingestion takes every event", () => {
  const encoder = new TextEncoder();
  for (const event of traffic) readEventRows(encoder.encode(JSON.stringify(event)));
});

Deno.test("a conversation's events come in their order and fold to turns that have ended", () => {
  for (const events of Map.groupBy(ofConversations, (event) => event.conversationId).values()) {
    const times = events.map(({ time }) => time);
    assert.deepEqual(times, times.toSorted());
    const conversation = events.reduce<ReturnType<typeof evolveConversation> | null>(
      evolveConversation,
      null,
    )!;
    const turns = Map.groupBy(events.filter(({ turnId }) => turnId), ({ turnId }) => turnId!);
    assert.notEqual(conversation.title, null);
    for (const [turnId, ofTurn] of turns) checkTurn(ofTurn, turnId, new Set(turns.keys()));
  }
});

/** Its end says what its attempts come to, and what it follows is there. */
function checkTurn(events: ConversationEvent[], turnId: string, known: Set<string>): void {
  const turn = events.reduce<ReturnType<typeof evolveTurn>>(evolveTurn, null)!;
  assert.equal(turn.turnId, turnId);
  assert.ok(isEnded(turn), `${turnId} is ${turn.status}`);
  assert.ok(turn.parentTurnId === null || known.has(turn.parentTurnId));
  assert.ok(turn.regeneratedFrom === null || known.has(turn.regeneratedFrom));
  assert.deepEqual(turn.attempts.map(({ attempt }) => attempt), turn.attempts.map((_, i) => i + 1));
  assert.ok(turn.attempts.every(({ status }) => status !== "running"));
  const usage = turn.attempts.map((attempt) => attempt.usage).reduce(addUsage, noUsage);
  assert.deepEqual(turn.usage, usage);
  if (turn.status !== "completed") return;
  const last = turn.attempts.at(-1)!;
  assert.equal(turn.text.length, last.continues + last.text.length);
}

Deno.test("answers are slow, stopped, rated, regenerated, failed over, continued and waited for now and then", () => {
  const of = (type: ConversationEvent["type"]) => ofConversations.filter((e) => e.type === type);
  const share = (some: number, all: number) => some / all;
  const sent = of("message.sent").length;
  const inRange = (value: number, low: number, high: number, what: string) =>
    assert.ok(value > low && value < high, `${what}: ${value}`);
  inRange(share(of("turn.stopped").length, sent), 0.02, 0.06, "stopped");
  inRange(share(of("feedback.given").length, sent), 0.1, 0.3, "rated");
  inRange(share(of("attempt.failed").length, sent), 0.01, 0.06, "failed attempts");
  const attempts = of("attempt.completed") as Extract<
    ConversationEvent,
    { type: "attempt.completed" }
  >[];
  assert.ok(attempts.some(({ data }) => data.isFallback));
  assert.ok(attempts.some(({ data }) => data.isContinuation));
  assert.ok(
    ofConversations.some((event) => event.type === "message.sent" && event.data.regeneratedFrom),
  );
  assert.ok(of("turn.waiting").length > 0);
  assert.ok(
    ofConversations.some(({ type, data }) =>
      type === "comparison.voted" && data.models[0] !== data.models[1]
    ),
  );
});

Deno.test("each endpoint that cools down recovers, and neither is told of it twice", () => {
  const told = traffic.filter(({ type }) => type.startsWith("provider."));
  const byProvider = Map.groupBy(told, (event) => "subject" in event ? event.subject : "");
  assert.ok(byProvider.size > 0);
  for (const events of byProvider.values()) {
    assert.equal(events[0].type, "provider.cooled_down");
    assert.equal(events.at(-1)!.type, "provider.recovered");
    for (const [index, { type }] of events.entries()) {
      if (type === "provider.recovered") {
        assert.equal(events[index - 1].type, "provider.cooled_down");
      }
    }
  }
});

Deno.test("people chat by day and on weekdays, where they live", () => {
  for (const timeZone of ["Europe/Berlin", "America/Los_Angeles"]) {
    const local = localTimeIn(timeZone);
    const sent = [...makeTraffic({ ...options, timeZone })]
      .filter(({ type }) => type === "message.sent")
      .map(({ time }) => local(Date.parse(time)));
    const at = (first: number, last: number) =>
      sent.filter(({ hour }) => hour >= first && hour <= last).length;
    assert.ok(at(9, 11) > 10 * at(1, 3), `${timeZone}: ${at(9, 11)} in the morning`);
    const on = (...weekdays: number[]) =>
      sent.filter(({ weekday }) => weekdays.includes(weekday)).length / weekdays.length;
    assert.ok(on(1, 2, 3, 4, 5) > 2 * on(0, 6));
  }
});

Deno.test("the experiment has the effect that was asked for, and none before it began", () => {
  const experiment: ExperimentOptions = {
    name: "tone",
    runningShare: 0.5,
    variants: [
      { name: "control", weight: 1, thumbsUpRate: 0.4, answerLength: 1 },
      { name: "warm", weight: 1, thumbsUpRate: 0.6, answerLength: 0.7 },
    ],
  };
  const events = [...makeTraffic({ ...options, events: 150_000, experiment })];
  const beginMs = options.untilMs - 0.5 * options.days * dayMs;
  const variantOf = (event: ConversationEvent) => event.variants?.tone;
  const ofTurns = events.filter(isConversationEvent).filter(({ turnId }) => turnId !== undefined);
  for (const events of Map.groupBy(ofTurns, ({ turnId }) => turnId).values()) {
    assert.equal(new Set(events.map(variantOf)).size, 1);
    const [sent] = events;
    assert.ok(sent.type === "message.sent");
    const takesPart = sent.data.route === "default" && Date.parse(sent.time) >= beginMs;
    assert.equal(variantOf(sent) !== undefined, takesPart);
    const exposures = events.filter(({ type }) => type === "variant.exposed");
    const [{ length: attempts }] = [events.filter(({ type }) => type === "attempt.started")];
    assert.equal(exposures.length, takesPart && attempts > 0 ? 1 : 0);
  }
  for (const events of Map.groupBy(ofTurns, ({ userKey }) => userKey).values()) {
    const variants = new Set(events.map(variantOf));
    variants.delete(undefined);
    assert.ok(variants.size <= 1);
  }
  const byVariant = Map.groupBy(ofTurns, (event) => variantOf(event) ?? "before");
  const [before, control, warm] = ["before", "control", "warm"]
    .map((name) => measure(byVariant.get(name)!));
  assert.ok(Math.abs(before.thumbsUpRate - 0.4) < 0.04, `before: ${before.thumbsUpRate}`);
  assert.ok(Math.abs(control.thumbsUpRate - 0.4) < 0.04, `control: ${control.thumbsUpRate}`);
  assert.ok(Math.abs(warm.thumbsUpRate - 0.6) < 0.04, `warm: ${warm.thumbsUpRate}`);
  assert.ok(Math.abs(warm.answerLength / control.answerLength - 0.7) < 0.05);
});

function measure(events: TurnlogEvent[]) {
  // The last rating of each turn: a comment comes with a rating of its own.
  const ratings = new Map<string, string | null>();
  let [length, answers] = [0, 0];
  for (const event of events) {
    if (event.type === "feedback.given") ratings.set(event.turnId!, event.data.rating);
    if (event.type === "attempt.completed") {
      length += event.data.text.length;
      answers++;
    }
  }
  const ups = [...ratings.values()].filter((rating) => rating === "up").length;
  return { thumbsUpRate: ups / ratings.size, answerLength: length / answers };
}
