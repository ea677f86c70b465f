/** One example of each event type, for tests and for those who want to see what an event looks like. */
import { type ExperimentChange, layerSlots } from "./experiment.ts";
import {
  type ConversationEvent,
  createEvent,
  createSystemEvent,
  type EventOf,
  type EventSubject,
  type EventType,
  type ExperimentAuthor,
  type SystemEvent,
  type SystemEventOf,
  type SystemEventType,
  type TurnlogEvent,
} from "./event.ts";

const turnId = "0198c0de-0000-7000-8000-000000000002";
const conversation = {
  tenant: "default",
  userKey: "5f2b7c1e9d3a4b6f8e0c1d2a3b4c5d6e",
  conversationId: "0198c0de-0000-7000-8000-000000000001",
};
const turn = { ...conversation, turnId };
const target = {
  provider: "local",
  model: "llama",
  requestModel: "meta-llama/Llama-3.1-8B-Instruct",
  endpoint: "http://127.0.0.1:8101/v1",
  isFallback: false,
};
const usage = { inputTokens: 12, outputTokens: 5, cachedTokens: 0, reasoningTokens: 0 };
const end = { attempts: 1, durationMs: 900, usage, costUsd: 0.0001 };
const attemptEnd = {
  responseModel: "meta-llama/Llama-3.1-8B-Instruct",
  timeToFirstTokenMs: 120,
  durationMs: 850,
  usage,
  costUsd: 0.0001,
  priceVersion: "2026-11-01",
  text: "Hello, what can I do for you?",
  reasoning: "",
  isContinuation: false,
  lastSequence: 9,
};
const failure = {
  class: "rate-limited",
  message: "429 Too many requests",
  status: 429,
  retryAfterMs: 2000,
} as const;

const experiment: ExperimentChange = {
  experiment: "tone",
  phase: 1,
  definition: {
    route: "default",
    unit: "user",
    traffic: 1,
    layer: "tone",
    goal: "thumbs_up_rate",
    guardrails: ["time_to_first_token", "cost_per_turn"],
    variants: [
      { name: "control", weight: 50, overrides: {} },
      { name: "brief", weight: 50, overrides: { systemPrompt: "Answer in two sentences." } },
    ],
  },
  slots: [[0, layerSlots]],
};
const file = { by: "file" } as const;
const operator = { by: "session", session: "5f2b7c1e" } as const;

const endpoint = { provider: "local", endpoint: "http://127.0.0.1:8101/v1" };

let count = 0;

function example<Type extends EventType>(
  type: Type,
  data: EventOf<Type>["data"],
  subject: EventSubject = turn,
): EventOf<Type> {
  const source = type.startsWith("attempt.") ? "turnlog/workflows" : "turnlog/api";
  return createEvent({ ...next(), source, type, subject, data });
}

function systemExample<Type extends SystemEventType>(
  type: Type,
  data: SystemEventOf<Type>["data"],
  subject = "provider/local",
): SystemEventOf<Type> {
  return createSystemEvent({ ...next(), source: "turnlog/workflows", type, subject, data });
}

function experimentExample<Type extends `experiment.${string}` & SystemEventType>(
  type: Type,
  change: Partial<ExperimentChange> & ExperimentAuthor & { winner?: string },
): SystemEventOf<Type> {
  const data = { ...experiment, ...change };
  return systemExample(type, data, `experiment/${data.experiment}`);
}

function next(): { id: string; time: Date } {
  count++;
  return {
    id: `0198c0de-0000-7000-8000-${String(count).padStart(12, "0")}`,
    time: new Date(Date.UTC(2026, 10, 23, 8, 0, count)),
  };
}

/** The compiler asks here for an example of a new type. */
const examplesByType: { [Type in EventType]: EventOf<Type> } = {
  "conversation.created": example("conversation.created", { title: null }, conversation),
  "message.sent": example("message.sent", {
    text: "Hello",
    parentTurnId: null,
    route: "default",
    requestHash: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
  }),
  "turn.started": example("turn.started", { route: "default", candidates: ["llama"] }),
  "turn.waiting": example("turn.waiting", {
    until: "2026-11-23T08:00:30.000Z",
    reason: failure,
  }),
  "turn.rerouted": example("turn.rerouted", { route: "demo", candidates: ["demo"] }),
  "attempt.started": example("attempt.started", { ...target, continues: 0 }, {
    ...turn,
    attempt: 1,
  }),
  "variant.exposed": example(
    "variant.exposed",
    { experiment: "tone", phase: 1, variant: "brief", unit: "user" },
    { ...turn, attempt: 1, variants: { tone: "brief" } },
  ),
  "attempt.failed": example("attempt.failed", { ...target, ...attemptEnd, error: failure }, {
    ...turn,
    attempt: 1,
  }),
  "attempt.completed": example("attempt.completed", {
    ...target,
    ...attemptEnd,
    finishReason: { unified: "stop", raw: "stop" },
  }, { ...turn, attempt: 1 }),
  "turn.completed": example("turn.completed", {
    ...end,
    finishReason: { unified: "stop", raw: "stop" },
  }),
  "turn.failed": example("turn.failed", { ...end, error: failure }),
  "turn.stopped": example("turn.stopped", { ...end, textLength: 5 }),
  "feedback.given": example("feedback.given", { rating: "up", comment: null }),
  "comparison.voted": example("comparison.voted", {
    turnIds: [turnId, "0198c0de-0000-7000-8000-000000000003"],
    models: ["llama", "claude"],
    winner: "second",
  }),
  "conversation.renamed": example("conversation.renamed", { title: "Greetings" }, conversation),
  "conversation.deleted": example("conversation.deleted", {}, conversation),
};

const systemExamplesByType: { [Type in SystemEventType]: SystemEventOf<Type> } = {
  "provider.cooled_down": systemExample("provider.cooled_down", {
    ...endpoint,
    until: "2026-11-23T08:01:00.000Z",
    reason: failure,
    failures: 5,
  }),
  "provider.recovered": systemExample("provider.recovered", {
    ...endpoint,
    cooledDownMs: 30_000,
  }),
  "model.state_changed": systemExample("model.state_changed", {
    ...endpoint,
    requestModel: "meta-llama/Llama-3.1-8B-Instruct",
    from: "asleep",
    to: "awake",
    reason: "a turn asked for it",
    durationMs: 1200,
  }),
  "operation.requested": systemExample("operation.requested", {
    action: "retry-turn",
    by: "session",
    session: "5f2b7c1e",
    turnId,
  }),
  "experiment.started": experimentExample("experiment.started", file),
  "experiment.changed": experimentExample("experiment.changed", { ...file, phase: 2 }),
  "experiment.stopped": experimentExample("experiment.stopped", { phase: 2, ...operator }),
  "experiment.ended": experimentExample("experiment.ended", {
    phase: 2,
    ...operator,
    winner: "brief",
  }),
  "consent.given": systemExample("consent.given", { userKey: conversation.userKey }),
  "consent.withdrawn": systemExample("consent.withdrawn", { userKey: conversation.userKey }),
  "export.created": systemExample("export.created", {
    files: [{ format: "jsonl", name: "conversations.jsonl", bytes: 51_200 }],
    conversations: 12,
    turns: 40,
    withoutConsent: { conversations: 3, turns: 5 },
    expiresAt: "2026-11-30T08:00:00.000Z",
  }),
  "system.sampled": systemExample("system.sampled", {
    component: "worker",
    instance: "turnlog-1:4711",
    cpuShare: 0.25,
    memoryBytes: 180_000_000,
    eventLoopLagMs: 12,
    callsUnderWay: 7,
    callsWaiting: 0,
    eventsUnpublished: 3,
  }, "worker/turnlog-1:4711"),
};

export const conversationExamples: readonly ConversationEvent[] = Object.values(examplesByType);
const systemExamples: readonly SystemEvent[] = Object.values(systemExamplesByType);
export const eventExamples: readonly TurnlogEvent[] = [...conversationExamples, ...systemExamples];
