/**
 * The language of Turnlog: every fact about a conversation, as it is stored, published to Kafka and queried in
 * ClickHouse. To add an event type, add one member to {@linkcode EventData}, or to {@linkcode SystemEventData}; the
 * compiler then names the fold (`conversation.ts`) and the list of examples (`event_examples.ts`) that have to know it.
 *
 * Readers outside hold events to the JSON Schema that `deno task schemas` makes of these types, with the comments as its
 * descriptions. `@open` marks a list of texts that may grow: they must take values that they do not know.
 */
import type { ChatRequest } from "./chat_request.ts";
import type { Comparison } from "./comparison.ts";
import type { ExperimentChange, Exposure } from "./experiment.ts";
import type { ExportFile, ExportTotals } from "./export_files.ts";
import type { Failure } from "./failure.ts";
import type { ToolCall } from "./tool_call.ts";
import type { FinishReason, Usage } from "./usage.ts";

/** Facts about a conversation. Types are `noun.past_participle`; data is camelCase JSON with units last. */
export interface EventData {
  "conversation.created": { title: string | null };
  "conversation.renamed": { title: string };
  "conversation.deleted": Record<never, never>;

  /**
   * A message, which asks for a turn. `text` is what a person wrote, unchanged; of a program's `request`, the beginning of
   * its last user's text, to be shown and found by.
   */
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
    /** What a program asked; absent where a person did. */
    request?: ChatRequest;
  };

  "turn.started": { route: string; candidates: string[] };
  /** Every candidate is down and the turn waits, durably, for its next try. */
  "turn.waiting": { until: string; reason: Failure };
  /** The user chose another model or route while nobody could answer. */
  "turn.rerouted": { route: string; candidates: string[] };
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
  /**
   * The user has said which of two answers to one message is better. A later vote on the same two turns replaces this one.
   * The turn in the envelope is the first of them.
   */
  "comparison.voted": Comparison;

  /** The turn has come to where the variants of an experiment differ; stated once a turn, of each of its experiments. */
  "variant.exposed": Exposure;
}

/** Facts about what answers, who operates it and what users allow, which belong to no conversation. */
export interface SystemEventData {
  /** An endpoint has failed so often that it is not called until then. */
  "provider.cooled_down": ProviderEndpoint & {
    until: string;
    reason: Failure;
    /** How many calls in a row failed. */
    failures: number;
  };
  /** An endpoint that had cooled down has answered again. */
  "provider.recovered": ProviderEndpoint & { cooledDownMs: number };
  "model.state_changed": ProviderEndpoint & {
    /** The model as the server calls it. */
    requestModel: string;
    from: ModelState;
    to: ModelState;
    /** Why, in a sentence: who asked for it, or what was found. */
    reason: string;
    /** How long the change took; null where it was only found. */
    durationMs: number | null;
  };
  /** An operator has asked for something; stated before it is done. Its subject is what it is done to, as `turn/<id>`. */
  "operation.requested": {
    action: OperationAction;
    /** How the operator was known: by the token, by the cookie of a sign-in, or by being on this machine. */
    by: OperatorKind;
    /** Tells one sign-in from another. */
    session?: string;
    /** The turn that is retried or cancelled. */
    turnId?: string;
    /** The retry of many turns that it is, or belongs to. */
    retryId?: string;
    /** Which turns are retried or answered again, what was read, or how a model is changed, in a few words. */
    detail?: string;
  };

  /** The subjects of these are `experiment/<name>`. An experiment that was stopped may be started again. */
  "experiment.started": ExperimentChange & ExperimentAuthor;
  /** Its definition is another one now, which begins a phase. */
  "experiment.changed": ExperimentChange & ExperimentAuthor;
  "experiment.stopped": ExperimentChange & ExperimentAuthor;
  /** Over for good. The winner answers everybody until the experiment is removed from `turnlog.yaml`. */
  "experiment.ended": ExperimentChange & ExperimentAuthor & { winner?: string };

  /** A user lets all that they write and are answered be exported, until they withdraw it. Its subject is `user/<userKey>`. */
  "consent.given": { userKey: string };
  "consent.withdrawn": { userKey: string };
  /** The files of an export are there. Its subject is `export/<id>`. */
  "export.created": ExportTotals & { files: ExportFile[]; expiresAt: string };

  /** How a process, or a server of models, fares; taken every so many seconds. Its subject is `<component>/<instance>`. */
  "system.sampled": SystemSample;
}

/** @open */
export type OperationAction =
  | "sign-in"
  | "retry-turn"
  | "cancel-turn"
  | "retry-turns"
  | "start-backtest"
  | "stop-backtest"
  | "start-export"
  | "stop-export"
  | "download-export"
  | "sleep"
  | "wake"
  | "start-server"
  | "stop-server"
  | "load-adapter"
  | "unload-adapter"
  | "decode-payloads"
  | "encode-payloads"
  | "run-query";
/** @open */
export type OperatorKind = "token" | "session" | "loopback";

/** Who changed an experiment. */
export interface ExperimentAuthor {
  /** `file`: it followed from a change of `turnlog.yaml`. `seed`: nobody did it, as it is made up for a demonstration. */
  by: OperatorKind | "file" | "seed";
  /** Tells one sign-in from another. */
  session?: string;
}

/** @open */
export type SampledComponent =
  | "api"
  | "worker"
  | "ingest"
  | "temporal"
  | "kafka"
  | "clickhouse"
  | "model-server";

/** What does not apply to a component, or could not be found, is absent. */
export interface SystemSample {
  component: SampledComponent;
  /** Which of several: a process's host and number, as `host:4711`, or the base URL of a server of models. */
  instance: string;
  /** Since the sample before: 1 is all of one processor, 2 all of two. Absent in the first sample of an engine. */
  cpuShare?: number;
  /** What is resident, in bytes. */
  memoryBytes?: number;
  /** The longest time since the sample before for which the event loop let others wait. */
  eventLoopLagMs?: number;
  /** Calls to providers that the process has under way, and those that wait for a place. */
  callsUnderWay?: number;
  callsWaiting?: number;
  /** Events that are in the store and not yet in Kafka, whichever process is to publish them. */
  eventsUnpublished?: number;
  /** Events that are in Kafka and not yet in ClickHouse, in the partitions that the process reads. */
  eventsNotIngested?: number;
  /** What a vLLM server has to do, whoever asked, and how much of its cache of keys and values is in use, 0 to 1. */
  requestsRunning?: number;
  requestsWaiting?: number;
  kvCacheShare?: number;
  /** Tokens that a vLLM server wrote, a second since the sample before; absent in the first one. */
  tokensPerSecond?: number;
}

/** One address at which a provider answers. */
export interface ProviderEndpoint {
  /** The provider's name in `turnlog.yaml`. */
  provider: string;
  /** Its base URL; empty where the provider's kind has its own address. */
  endpoint: string;
}

/** @open */
export type ModelState = "awake" | "asleep" | "loading" | "unloaded" | "failed";

/** Whom an attempt calls. */
export interface AttemptTarget {
  /** The provider's and the model's names in `turnlog.yaml`. */
  provider: string;
  model: string;
  /** The model's name as it is sent to the provider (`gen_ai.request.model`). */
  requestModel: string;
  /** The base URL that is called; empty where the kind has its own; absent where nothing is called, and before 0.2. */
  endpoint?: string;
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
  /** True where the provider did not count all of the usage: what was missing is estimated from the texts. */
  isUsageEstimated?: boolean;
  costUsd: number;
  /** Of the prices behind `costUsd`: the day from which they hold, or `unstated`; null where the model has no price. */
  priceVersion: string | null;
  /** What this attempt wrote, without the text that it continued. */
  text: string;
  reasoning: string;
  /** The tools that it wants called; absent where there is none. */
  toolCalls?: ToolCall[];
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
export type SystemEventType = keyof SystemEventData;

/** The envelope: CloudEvents 1.0 in structured JSON mode, with Turnlog's own attributes beside the standard ones. */
interface Envelope<Type, Data> {
  specversion: "1.0";
  /** Unique, and the same whenever the same fact is told again (see `events/event_id.ts`). */
  id: string;
  /** The part of Turnlog that states the fact: `turnlog/api` or `turnlog/workflows`. */
  source: string;
  type: Type;
  /**
   * ISO 8601, UTC, milliseconds; set once by the producer.
   *
   * @format date-time
   */
  time: string;
  datacontenttype: "application/json";
  tenant: string;
  data: Data;
}

/** A fact about a conversation. */
export interface EventOf<Type extends EventType> extends Envelope<Type, EventData[Type]> {
  /** An HMAC of the user's id, never the id. */
  userKey: string;
  conversationId: string;
  turnId?: string;
  /** The number of the attempt within its turn, from 1. */
  attempt?: number;
  /** Experiment → variant, for every experiment that the turn takes part in. */
  variants?: Record<string, string>;
  /** Where a backtest runs the turn, which is then no user's own. */
  backtest?: BacktestMark;
}

/** What tells the turns of a backtest from those of users, and leads back to those. */
export interface BacktestMark {
  /** The backtest. */
  id: string;
  /** The user's turn whose message is answered again. */
  turnId: string;
}

/** A fact about a part of the system. */
export interface SystemEventOf<Type extends SystemEventType>
  extends Envelope<Type, SystemEventData[Type]> {
  /** CloudEvents' `subject`: what the fact is about, as `provider/local`. */
  subject: string;
}

/** Any fact about a conversation; `type` tells which. */
export type ConversationEvent = { [Type in EventType]: EventOf<Type> }[EventType];
/** Any fact about a part of the system. */
export type SystemEvent = { [Type in SystemEventType]: SystemEventOf<Type> }[SystemEventType];
/** Any event. */
export type TurnlogEvent = ConversationEvent | SystemEvent;

/** The parts of the envelope that say whose and which conversation's fact it is. */
export type EventSubject = Pick<
  EventOf<EventType>,
  "tenant" | "userKey" | "conversationId" | "turnId" | "attempt" | "variants" | "backtest"
>;

/** @returns Whether the fact is about a conversation, and not about a part of the system. */
export function isConversationEvent(event: TurnlogEvent): event is ConversationEvent {
  return "conversationId" in event;
}

/** @returns What keeps its order: the events of one key follow each other in Kafka as they do in the log. */
export function keyOf(event: TurnlogEvent): string {
  return isConversationEvent(event) ? event.conversationId : event.subject;
}

interface NewEvent<Type, Data> {
  /** From `events/event_id.ts`, so that a retry states the same fact under the same id. */
  id: string;
  source: string;
  type: Type;
  data: Data;
  /** When it happened; now, unless the caller has fixed it before. */
  time?: Date;
}

/** Wraps a fact about a conversation in its envelope. */
export function createEvent<Type extends EventType>(
  { subject, data, ...event }: NewEvent<Type, EventData[Type]> & { subject: EventSubject },
): EventOf<Type> {
  return { ...headOf(event), ...subject, data };
}

/** The only tenant that there is so far. */
const systemTenant = "default";

/**
 * Wraps a fact about a part of the system in its envelope.
 *
 * @param subject What it is about, as `provider/local`.
 */
export function createSystemEvent<Type extends SystemEventType>(
  { subject, data, ...event }: NewEvent<Type, SystemEventData[Type]> & { subject: string },
): SystemEventOf<Type> {
  return { ...headOf(event), tenant: systemTenant, subject, data };
}

/** What stands first in every envelope: whoever reads an event need not read on to know its type. */
function headOf<Type>(
  { id, source, type, time = new Date() }: Omit<NewEvent<Type, unknown>, "data">,
) {
  return {
    specversion: "1.0" as const,
    id,
    source,
    type,
    time: time.toISOString(),
    datacontenttype: "application/json" as const,
  };
}
