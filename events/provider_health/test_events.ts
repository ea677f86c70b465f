/** Events of endpoints for the tests beside this file. */
import {
  type AttemptEnd,
  type AttemptTarget,
  createEvent,
  createSystemEvent,
} from "../contract/event.ts";
import type { Failure } from "../contract/failure.ts";
import type { Candidate } from "../contract/turn_plan.ts";
import { noUsage } from "../contract/usage.ts";

export const overloaded: Failure = { class: "overloaded", message: "503 Down", status: 503 };

export function candidateAt(...baseUrls: string[]): Candidate {
  return {
    model: "llama",
    provider: "local",
    kind: "openai",
    baseUrl: baseUrls[0],
    ...(baseUrls.length > 1 && { baseUrls }),
    requestModel: "llama",
    vllm: false,
    parameters: {},
  };
}

/** Where and when; an attempt of a turn of its own unless it says which. */
interface Happened {
  endpoint?: string;
  atMs: number;
  turnId?: string;
}

/** @param durationMs How long before its end it began. */
export function failed({ durationMs = 0, error = overloaded, ...happened }: Happened & {
  durationMs?: number;
  error?: Failure;
}) {
  const data = { ...target(happened), ...end(durationMs), error };
  return createEvent({ ...envelope(happened), type: "attempt.failed", data });
}

export function completed({ durationMs = 0, timeToFirstTokenMs = 1, unified = "stop", ...happened }:
  & Happened
  & { durationMs?: number; timeToFirstTokenMs?: number | null; unified?: "stop" | "stopped" }) {
  const finishReason = { unified, raw: null };
  const data = { ...target(happened), ...end(durationMs), timeToFirstTokenMs, finishReason };
  return createEvent({ ...envelope(happened), type: "attempt.completed", data });
}

export function started(happened: Happened) {
  const data = { ...target(happened), continues: 0 };
  return createEvent({ ...envelope(happened), type: "attempt.started", data });
}

export function cooledDown({ endpoint = "http://a", atMs, forMs, id = crypto.randomUUID() }: {
  endpoint?: string;
  atMs: number;
  forMs: number;
  id?: string;
}) {
  const until = new Date(atMs + forMs).toISOString();
  return createSystemEvent({
    id,
    source: "test",
    type: "provider.cooled_down",
    subject: "provider/local",
    time: new Date(atMs),
    data: { provider: "local", endpoint, until, reason: overloaded, failures: 5 },
  });
}

export function recovered({ endpoint = "http://a", atMs }: { endpoint?: string; atMs: number }) {
  return createSystemEvent({
    id: crypto.randomUUID(),
    source: "test",
    type: "provider.recovered",
    subject: "provider/local",
    time: new Date(atMs),
    data: { provider: "local", endpoint, cooledDownMs: 1 },
  });
}

function envelope({ atMs, turnId = crypto.randomUUID() }: Happened) {
  return {
    id: crypto.randomUUID(),
    source: "test",
    time: new Date(atMs),
    subject: {
      tenant: "default",
      userKey: "user",
      conversationId: "conversation",
      turnId,
      attempt: 1,
    },
  };
}

function target({ endpoint = "http://a" }: Happened): AttemptTarget {
  return { provider: "local", model: "llama", requestModel: "llama", endpoint, isFallback: false };
}

function end(durationMs: number): AttemptEnd {
  return {
    responseModel: null,
    timeToFirstTokenMs: null,
    durationMs,
    usage: noUsage,
    costUsd: 0,
    priceVersion: null,
    text: "",
    reasoning: "",
    isContinuation: false,
    lastSequence: 1,
  };
}
