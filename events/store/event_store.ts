/**
 * The store: the durable log of events and the read tables that follow it. SQLite implements it (`sqlite_store.ts`);
 * PostgreSQL is to implement the same interface.
 *
 * Promises of every implementation:
 * - an event is appended once, whatever is appended twice: its `id` is unique;
 * - events and the read tables change in one transaction;
 * - several processes may use one store at once;
 * - what `append` has answered survives a crash of any process.
 */
import type { ConsentState } from "../contract/consent.ts";
import type { ConversationState, TurnState } from "../contract/conversation.ts";
import type { TurnlogEvent } from "../contract/event.ts";
import type { ExperimentEvent, ExperimentState } from "../contract/experiment_state.ts";
import type { OperationCount, OperationFilter, OperationStatus } from "../contract/operations.ts";

export interface EventStore {
  /** Appends events in this order, leaving out those whose id the store already has. */
  append(events: readonly TurnlogEvent[]): Promise<void>;

  /**
   * Decides and appends in one transaction: `decide` sees the turn as it stands and answers the events that follow
   * from it. It must be pure; an implementation may call it again. Events that it answers must belong to the turn.
   *
   * @returns The turn after the events, null where it is unknown.
   */
  updateTurn(
    turnId: string,
    decide: (turn: TurnState | null) => readonly TurnlogEvent[],
  ): Promise<TurnState | null>;

  conversation(conversationId: string): Promise<ConversationState | null>;
  /** The conversation's turns in the order in which they were sent. */
  conversationTurns(conversationId: string): Promise<TurnState[]>;
  /** A page of a user's conversations, newest activity first, without deleted ones. */
  conversations(query: ConversationQuery): Promise<ConversationPage>;

  turn(turnId: string): Promise<TurnState | null>;
  /** The turn that was sent last in the conversation. */
  latestTurn(conversationId: string): Promise<TurnState | null>;
  /** The turns from the root of the conversation to this one: the history that its model is sent. */
  turnPath(turnId: string): Promise<TurnState[]>;

  /** A page of the turns that operators look after, without those of deleted conversations. */
  operationTurns(query: OperationTurnQuery): Promise<TurnPage>;
  /** How many of them have the same status, reason, model and provider, the most frequent first; at most 1000 groups. */
  operationCounts(): Promise<OperationCount[]>;

  /** A page of the users' turns that have ended, in the order in which they were sent; deleted conversations are left out. */
  endedTurns(query: EndedTurnsQuery): Promise<TurnIdPage>;

  /** Whether the user lets what they write be exported. */
  consent(userKey: string): Promise<ConsentState>;
  /** A page of all users' conversations, in the order in which they began; deleted ones and backtests are left out. */
  allConversations(query: AllConversationsQuery): Promise<AllConversationsPage>;
  countAllConversations(filter: AllConversationsFilter): Promise<number>;

  /** All experiments that were ever started, by their names. */
  experiments(): Promise<ExperimentState[]>;
  /** What was stated of one experiment, in the order of the log. */
  experimentEvents(name: string): Promise<ExperimentEvent[]>;
  /**
   * Decides and appends in one transaction, as {@linkcode EventStore.updateTurn} does: `decide` sees all experiments as
   * they stand, so that two processes never deal out the same units.
   *
   * @returns The experiments after the events.
   */
  updateExperiments(
    decide: (experiments: ExperimentState[]) => readonly ExperimentEvent[],
  ): Promise<ExperimentState[]>;

  /** The position of the last event in the log; 0 where there is none. */
  lastPosition(): Promise<number>;
  /** Events after a position in the log, in order, as the bytes that were stored. */
  eventsAfter(position: number, limit: number): Promise<StoredEvent[]>;

  /**
   * Takes or keeps the right to publish. At most one holder has it at a time; it lapses after `ttlMs`.
   *
   * @returns The position up to which events are published, null where another holder has the right.
   */
  claimRelay(holder: string, ttlMs: number): Promise<number | null>;
  /** Records that events up to `position` are published. @returns Whether the holder still has the right. */
  advanceRelay(holder: string, position: number): Promise<boolean>;
  /** @returns How many events are not published yet. */
  unpublishedCount(): Promise<number>;
  /** Gives the right back, so that another process can go on at once. */
  releaseRelay(holder: string): Promise<void>;

  close(): Promise<void>;
}

export interface StoredEvent {
  /** Its place in the log, rising by at least 1. */
  position: number;
  /** What keeps its order in Kafka: the conversation, or the part of the system that it is about. */
  key: string;
  /** The event as JSON, the very text that was stored first. */
  body: string;
}

export interface ConversationQuery {
  userKey: string;
  /** Words that must all occur in the conversation's messages, answers or title; the last one may be a beginning. */
  search?: string;
  /** From an earlier page's `nextCursor`. */
  cursor?: string;
  /** At most this many, 1 to 200. */
  limit: number;
}

export interface ConversationPage {
  items: ConversationState[];
  nextCursor: string | null;
}

export interface OperationTurnQuery extends OperationFilter {
  status: OperationStatus;
  conversationId?: string;
  /** When it ended, ISO 8601: from, and before. */
  endedFrom?: string;
  endedBefore?: string;
  /** By when they were sent. */
  order: "newest-first" | "oldest-first";
  /** From an earlier page's `nextCursor`. */
  cursor?: string;
  /** At most this many, 1 to 1000. */
  limit: number;
}

export interface TurnPage {
  items: TurnState[];
  nextCursor: string | null;
}

/** Which turns; all conditions hold of each. */
export interface EndedTurnsQuery {
  /** When they were sent, ISO 8601 in UTC with milliseconds: from the one time on, before the other. */
  from: string;
  to: string;
  /** The route or model that was asked for. */
  route?: string;
  /** The model of the last attempt. */
  lastModel?: string;
  conversationId?: string;
  /** From an earlier page's `nextCursor`. */
  cursor?: string;
  /** At most this many, from 1. */
  limit: number;
}

/** Ids alone: what the turns hold is read when it is needed. */
export interface TurnIdPage {
  turnIds: string[];
  nextCursor: string | null;
}

/** Which conversations; all conditions hold of each. */
export interface AllConversationsFilter {
  /** Something was sent since, or it was renamed; ISO 8601 in UTC with milliseconds. */
  updatedFrom: string;
  tenant?: string;
  userKey?: string;
}

export interface AllConversationsQuery extends AllConversationsFilter {
  /** From an earlier page. */
  cursor?: string;
  /** At most this many, from 1. */
  limit: number;
}

export interface AllConversationsPage {
  items: AnyConversation[];
  nextCursor: string | null;
}

export interface AnyConversation {
  conversation: ConversationState;
  /** Whether its user lets it be exported. */
  hasConsent: boolean;
  /** What goes on behind this one. */
  cursor: string;
}
