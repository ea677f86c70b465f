/**
 * The language of Turnlog: every fact about a conversation, as it is stored, published to Kafka and queried in
 * ClickHouse. To add an event type, add one member to {@linkcode EventData}; the compiler then names the fold
 * (`conversation.ts`) and the list of examples (`event_examples.ts`) that have to know it.
 */
import type { Failure } from "./failure.ts";
import type { FinishReason, Usage } from "./usage.ts";

/** Every event type with its data. Types are `noun.past_participle`; data is camelCase JSON with units last. */
export interface EventData {
  "conversation.created": { title: string | null };
  "conversation.renamed": { title: string };
  "conversation.deleted": Record<never, never>;

  /** A person's message, which asks for a turn. `text` is what they wrote, unchanged. */
  "message.sent": {
    text: string;
    /** The turn that this one follows; null at the root of the conversation. */
    parentTurnId: string | null;
    /** The turn whose message is answered once more, if this turn is a regeneration. */
    regeneratedFrom?: string;
    /** The route or model that was asked for. */
    route: string;
    /** SHA-256 of the request, to tell a repeated request from another one with the same turn id. */
    requestHash: string;
  };

  "turn.started": { route: string; candidates: string[] };
  /** Every candidate is down and the turn waits, durably, for its next try. */
  "turn.waiting": { until: string; reason: Failure };
  "turn.completed": TurnEnd & { finishReason: FinishReason };
  "turn.failed": TurnEnd & { error: Failure };
  /** The user stopped the turn; `textLength` is the length of the answer that is kept, in UTF-16 code units. */
  "turn.stopped": TurnEnd & { textLength: number };

  "attempt.started": AttemptTarget & {
    /** Why there is another attempt; absent at the first one of a turn. */
    reason?: Failure;
    /** How much of the answer so far is kept and continued, in UTF-16 code units; 0 where the answer begins anew. */
    continues: number;
  };
  "attempt.completed": AttemptTarget & AttemptEnd & { finishReason: FinishReason };
  "attempt.failed": AttemptTarget & AttemptEnd & { error: Failure };

  "feedback.given": { rating: "up" | "down" | null; comment: string | null };
}

/** Whom an attempt calls. */
export interface AttemptTarget {
  /** The provider's and the model's names in `turnlog.yaml`. */
  provider: string;
  model: string;
  /** The model's name as it is sent to the provider (`gen_ai.request.model`). */
  requestModel: string;
  /** True where an earlier candidate of the turn has failed. */
  isFallback: boolean;
}

/** What an attempt gave, whether it ended well or not. */
export interface AttemptEnd {
  /** The model that answered, in the provider's words (`gen_ai.response.model`). */
  responseModel: string | null;
  /** From the call to the first token (`gen_ai.server.time_to_first_token`, in ms); null if none came. */
  timeToFirstTokenMs: number | null;
  durationMs: number;
  usage: Usage;
  costUsd: number;
  /** The version of the prices behind `costUsd`: the day from which they hold; null where the model has no price. */
  priceVersion: string | null;
  /** What this attempt wrote, without the text that it continued. */
  text: string;
  reasoning: string;
  /** True where the attempt continued a partial answer. */
  isContinuation: boolean;
  /** The sequence number of the attempt's last stream part, its `attempt-end`. */
  lastSequence: number;
}

/** Totals over all attempts of a turn. */
export interface TurnEnd {
  attempts: number;
  durationMs: number;
  usage: Usage;
  costUsd: number;
}

export type EventType = keyof EventData;

/** The envelope: CloudEvents 1.0 in structured JSON mode, with Turnlog's own attributes beside the standard ones. */
export interface EventOf<Type extends EventType> {
  specversion: "1.0";
  /** Unique, and the same whenever the same fact is told again (see `events/event_id.ts`). */
  id: string;
  /** The part of Turnlog that states the fact: `turnlog/api` or `turnlog/workflows`. */
  source: string;
  type: Type;
  /** ISO 8601, UTC, milliseconds; set once by the producer. */
  time: string;
  datacontenttype: "application/json";
  tenant: string;
  /** An HMAC of the user's id, never the id. */
  userKey: string;
  conversationId: string;
  turnId?: string;
  /** The number of the attempt within its turn, from 1. */
  attempt?: number;
  /** Experiment → variant, for every experiment that the turn takes part in. */
  variants?: Record<string, string>;
  data: EventData[Type];
}

/** Any event; `type` tells which. */
export type TurnlogEvent = { [Type in EventType]: EventOf<Type> }[EventType];

/** The parts of the envelope that say whose and which conversation's fact it is. */
export type EventSubject = Pick<
  EventOf<EventType>,
  "tenant" | "userKey" | "conversationId" | "turnId" | "attempt" | "variants"
>;

/**
 * Wraps a fact in its envelope.
 *
 * @param id From `events/event_id.ts`, so that a retry states the same fact under the same id.
 * @param time When it happened; now, unless the caller has fixed it before.
 */
export function createEvent<Type extends EventType>(
  { id, source, type, subject, data, time = new Date() }: {
    id: string;
    source: string;
    type: Type;
    subject: EventSubject;
    data: EventData[Type];
    time?: Date;
  },
): EventOf<Type> {
  return {
    specversion: "1.0",
    id,
    source,
    type,
    time: time.toISOString(),
    datacontenttype: "application/json",
    ...subject,
    data,
  };
}
