/** Turns by chance, the same in every run, for tests that count the same events in two ways. */
import {
  type ConversationEvent,
  createEvent,
  type EventData,
  type EventOf,
  type EventType,
} from "../../events/contract/event.ts";
import { failureClasses } from "../../events/contract/failure.ts";
import { stepEventId } from "../../events/event_id.ts";

/**
 * Turns of every kind: answered, stopped, failed, fallen back, and failed first and answered after a reset.
 *
 * @param options Between which times they are asked for.
 */
export function generateTurns(
  { firstMs, lastMs }: { firstMs: number; lastMs: number },
): ConversationEvent[] {
  const random = deterministicRandom();
  const events: ConversationEvent[] = [];
  for (let turn = 0; turn < 400; turn++) {
    const turnId = `turn-${turn}`;
    const subject = {
      tenant: "default",
      userKey: `user-${Math.floor(random() * 9)}`,
      conversationId: `conversation-${Math.floor(random() * 60)}`,
      turnId,
    };
    let ms = firstMs + Math.floor(random() * (lastMs - firstMs));
    let attempt = 0;
    const append = <Type extends EventType>(type: Type, data: EventData[Type]) => {
      const step = `${events.length}`;
      events.push(createEvent({
        id: stepEventId(turnId, "run", step),
        source: "turnlog/workflows",
        type,
        subject: attempt > 0 && type.startsWith("attempt.") ? { ...subject, attempt } : subject,
        data,
        time: new Date(ms),
      }) as EventOf<EventType> as ConversationEvent);
      ms += 1 + Math.floor(random() * 20_000);
    };
    const usage = () => ({
      inputTokens: Math.floor(random() * 1000),
      outputTokens: Math.floor(random() * 500),
      cachedTokens: Math.floor(random() * 100),
      reasoningTokens: Math.floor(random() * 50),
    });
    const attemptData = (model: string, isFallback: boolean, gotToken: boolean) => ({
      provider: "simulated",
      model,
      requestModel: model,
      isFallback,
      responseModel: gotToken ? model : null,
      timeToFirstTokenMs: gotToken ? Math.floor(random() * 40_000) / 10 : null,
      durationMs: Math.floor(random() * 600_000) / 10,
      usage: usage(),
      costUsd: Math.floor(random() * 5000) / 1e6,
      priceVersion: null,
      text: "text",
      reasoning: "",
      isContinuation: false,
      lastSequence: 3,
    });
    const turnEnd = () => ({ attempts: attempt, durationMs: 100, usage: usage(), costUsd: 7 });
    const answer = (isFallback: boolean, unified: "stop" | "stopped") => {
      attempt++;
      append("attempt.completed", {
        ...attemptData(isFallback ? "spare" : "first", isFallback, true),
        finishReason: { unified, raw: null },
      });
    };
    const fail = (isFallback: boolean) => {
      attempt++;
      const errorClass = failureClasses[Math.floor(random() * 4)];
      append("attempt.failed", {
        ...attemptData(isFallback ? "spare" : "first", isFallback, random() < 0.3),
        error: { class: errorClass, message: "it failed" },
      });
    };
    const error = { class: "overloaded" as const, message: "all failed" };
    const finishReason = { unified: "stop" as const, raw: null };

    append("message.sent", {
      text: "hello",
      parentTurnId: null,
      route: "default",
      requestHash: "x",
    });
    append("turn.started", { route: "default", candidates: ["first", "spare"] });
    const kind = random();
    if (kind < 0.55) {
      answer(false, "stop");
      append("turn.completed", { ...turnEnd(), finishReason });
    } else if (kind < 0.7) {
      answer(false, "stopped");
      append("turn.stopped", { ...turnEnd(), textLength: 2 });
    } else if (kind < 0.85) {
      fail(false);
      answer(true, "stop");
      append("turn.completed", { ...turnEnd(), finishReason });
    } else {
      fail(false);
      fail(true);
      append("turn.failed", { ...turnEnd(), error });
      if (kind > 0.93) {
        ms += Math.floor(random() * 3_600_000);
        answer(false, "stop");
        append("turn.completed", { ...turnEnd(), finishReason });
      }
    }
  }
  return events;
}

/** The same numbers from 0 to 1 in every run (mulberry32). */
function deterministicRandom(): () => number {
  let state = 20261123;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
