/** What activities work with, for one test: a store in memory, with one turn whose first attempt is under way. */
import { createEvent, type TurnlogEvent } from "../events/contract/event.ts";
import type { TurnPlan } from "../events/contract/turn_plan.ts";
import type { TurnPart } from "../events/kafka/delta_message.ts";
import { ProviderAdmission } from "../events/provider_health/provider_admission.ts";
import { ProviderHealth } from "../events/provider_health/provider_health.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { DeltaPublisher } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import type { PublishedText } from "./published_text.ts";

export const turnId = "t";
export const endpoint = "http://127.0.0.1:8101/v1";

const subject = { tenant: "default", userKey: "u", conversationId: "c", turnId };

export const messageSent = createEvent({
  id: "message-sent",
  source: "turnlog/api",
  type: "message.sent",
  subject,
  data: { text: "Hello", parentTurnId: null, route: "default", requestHash: "" },
});

export const attemptStarted = createEvent({
  id: "attempt-started",
  source: "turnlog/api",
  type: "attempt.started",
  subject: { ...subject, attempt: 1 },
  data: {
    provider: "local",
    model: "demo",
    requestModel: "demo",
    endpoint,
    isFallback: false,
    continues: 0,
  },
});

/** The turn's plan: a simulated model that answers at once. */
export const plan: TurnPlan = {
  ...subject,
  message: messageSent,
  route: "default",
  candidates: [{
    model: "demo",
    provider: "simulated",
    kind: "simulated",
    requestModel: "demo",
    vllm: false,
    parameters: { firstTokenMs: 0, tokenMs: 0 },
  }],
  timeouts: { firstTokenMs: 1000, idleMs: 1000, totalMs: 10_000 },
  retry: { attempts: 1 },
  continuation: "auto",
  onExhausted: "fail",
  waitMs: 0,
  parameters: {},
  variants: {},
};

export interface TemporaryDependencies extends Dependencies {
  /** Stops the turn, by the quick way. */
  requestStop(): void;
  /** What readers have been told since the test began. */
  published: TurnPart[];
  /** @returns What was stated since the test began, in order. */
  stated(): Promise<TurnlogEvent[]>;
}

/** @param before What was published of the attempt before the test begins. */
export async function withDependencies(
  before: Partial<PublishedText>,
  test: (dependencies: TemporaryDependencies) => Promise<void>,
): Promise<void> {
  const store = openSqliteStore(":memory:");
  const health = new ProviderHealth({ store, source: "test" });
  const published: TurnPart[] = [];
  const stopRequest = new AbortController();
  const producer = { send: () => Promise.resolve() };
  try {
    await store.append([messageSent, attemptStarted]);
    const position = await store.lastPosition();
    await test({
      store,
      health,
      admission: new ProviderAdmission(health),
      publisher: new DeltaPublisher(producer, 1, (parts) => published.push(...parts)),
      publishedText: {
        read: () => Promise.resolve({ text: "", reasoning: "", lastSequence: -1, ...before }),
      } as Partial<Dependencies["publishedText"]> as Dependencies["publishedText"],
      stopRequests: {
        signalOf: () => ({ signal: stopRequest.signal, [Symbol.dispose]() {} }),
      } as Partial<Dependencies["stopRequests"]> as Dependencies["stopRequests"],
      resolveKey: () => undefined,
      requestStop: () => stopRequest.abort(),
      published,
      stated: async () =>
        (await store.eventsAfter(position, 100)).map(({ body }) => JSON.parse(body)),
    });
  } finally {
    await store.close();
  }
}
