/** The store on one machine: a SQLite file in WAL mode, which several processes may open at once. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { consentAfter, type ConsentState, isConsentEvent } from "../contract/consent.ts";
import {
  type ConversationState,
  evolveConversation,
  evolveTurn,
  isEnded,
  type TurnState,
} from "../contract/conversation.ts";
import {
  type ConversationEvent,
  isConversationEvent,
  keyOf,
  type SystemEvent,
  type TurnlogEvent,
} from "../contract/event.ts";
import {
  type ExperimentEvent,
  type ExperimentState,
  isExperimentEvent,
} from "../contract/experiment_state.ts";
import type { OperationCount } from "../contract/operations.ts";
import type {
  AllConversationsFilter,
  AllConversationsPage,
  AllConversationsQuery,
  ConversationPage,
  ConversationQuery,
  EndedTurnsQuery,
  EventStore,
  OperationTurnQuery,
  StoredEvent,
  TurnIdPage,
  TurnPage,
} from "./event_store.ts";
import {
  countAllConversations,
  listAllConversations,
  readConsent,
} from "./sqlite_all_conversations.ts";
import { listConversations } from "./sqlite_conversation_list.ts";
import { selectEndedTurns } from "./sqlite_ended_turns.ts";
import { listExperimentEvents, listExperiments, saveExperiment } from "./sqlite_experiments.ts";
import { countOperationTurns, listOperationTurns, operationColumns } from "./sqlite_operations.ts";
import { migrate } from "./sqlite_schema.ts";

/** The longest branch of a conversation that is read, in turns; a model's context ends long before. */
const pathLengthMax = 10_000;

/**
 * Opens or creates the store in this file.
 *
 * Each commit is synced to the disk, so that it outlives the machine's power as well as the process.
 *
 * @param path A file in an existing folder.
 * @throws Error where the file is no database, cannot be written, or was written by a newer Turnlog.
 */
export function openSqliteStore(path: string): EventStore {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
  `);
  migrate(database);
  return new SqliteStore(database);
}

class SqliteStore implements EventStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  // deno-lint-ignore require-await -- a failed statement must reject, not throw
  async append(events: readonly TurnlogEvent[]): Promise<void> {
    this.#transaction(() => events.forEach((event) => this.#append(event)));
  }

  // deno-lint-ignore require-await
  async updateTurn(
    turnId: string,
    decide: (turn: TurnState | null) => readonly TurnlogEvent[],
  ): Promise<TurnState | null> {
    return this.#transaction(() => {
      const turn = this.#turn(turnId);
      const events = decide(turn);
      events.forEach((event) => this.#append(event));
      return events.length === 0 ? turn : this.#turn(turnId);
    });
  }

  // deno-lint-ignore require-await
  async conversation(conversationId: string): Promise<ConversationState | null> {
    return this.#conversation(conversationId);
  }

  // deno-lint-ignore require-await
  async conversationTurns(conversationId: string): Promise<TurnState[]> {
    return this.#all<{ state: string }>(
      "SELECT state FROM turns WHERE conversation_id = ? ORDER BY number",
      conversationId,
    ).map(({ state }) => JSON.parse(state));
  }

  // deno-lint-ignore require-await
  async conversations(query: ConversationQuery): Promise<ConversationPage> {
    return listConversations(query, (sql, values) => this.#all(sql, values));
  }

  // deno-lint-ignore require-await
  async turn(turnId: string): Promise<TurnState | null> {
    return this.#turn(turnId);
  }

  // deno-lint-ignore require-await
  async latestTurn(conversationId: string): Promise<TurnState | null> {
    const row = this.#get<{ state: string }>(
      "SELECT state FROM turns WHERE conversation_id = ? ORDER BY number DESC LIMIT 1",
      conversationId,
    );
    return row ? JSON.parse(row.state) : null;
  }

  // deno-lint-ignore require-await
  async turnPath(turnId: string): Promise<TurnState[]> {
    return this.#all<{ state: string }>(
      `WITH RECURSIVE path (turn_id, state, distance) AS (
         SELECT turn_id, state, 0 FROM turns WHERE turn_id = :turnId
         UNION ALL
         SELECT turns.turn_id, turns.state, distance + 1
         FROM path JOIN turns ON turns.turn_id = path.state ->> '$.parentTurnId'
         WHERE distance < :lengthMax
       )
       SELECT state FROM path ORDER BY distance DESC`,
      { turnId, lengthMax: pathLengthMax },
    ).map(({ state }) => JSON.parse(state));
  }

  // deno-lint-ignore require-await
  async operationTurns(query: OperationTurnQuery): Promise<TurnPage> {
    return listOperationTurns(query, (sql, values) => this.#all(sql, values));
  }

  // deno-lint-ignore require-await
  async operationCounts(): Promise<OperationCount[]> {
    return countOperationTurns((sql, values) => this.#all(sql, values));
  }

  // deno-lint-ignore require-await
  async endedTurns(query: EndedTurnsQuery): Promise<TurnIdPage> {
    return selectEndedTurns((sql, parameters) => this.#all(sql, parameters), query);
  }

  // deno-lint-ignore require-await
  async consent(userKey: string): Promise<ConsentState> {
    return readConsent(userKey, (sql, values) => this.#all(sql, values));
  }

  // deno-lint-ignore require-await
  async allConversations(query: AllConversationsQuery): Promise<AllConversationsPage> {
    return listAllConversations(query, (sql, values) => this.#all(sql, values));
  }

  // deno-lint-ignore require-await
  async countAllConversations(filter: AllConversationsFilter): Promise<number> {
    return countAllConversations(filter, (sql, values) => this.#all(sql, values));
  }

  // deno-lint-ignore require-await
  async experiments(): Promise<ExperimentState[]> {
    return listExperiments((sql, values) => this.#all(sql, values));
  }

  // deno-lint-ignore require-await
  async experimentEvents(name: string): Promise<ExperimentEvent[]> {
    return listExperimentEvents(name, (sql, values) => this.#all(sql, values));
  }

  // deno-lint-ignore require-await
  async updateExperiments(
    decide: (experiments: ExperimentState[]) => readonly ExperimentEvent[],
  ): Promise<ExperimentState[]> {
    const list = () => listExperiments((sql, values) => this.#all(sql, values));
    return this.#transaction(() => {
      decide(list()).forEach((event) => this.#append(event));
      return list();
    });
  }

  // deno-lint-ignore require-await
  async lastPosition(): Promise<number> {
    return this.#get<{ last: number }>("SELECT ifnull(max(position), 0) AS last FROM events")!.last;
  }

  // deno-lint-ignore require-await
  async eventsAfter(position: number, limit: number): Promise<StoredEvent[]> {
    return this.#all<StoredEvent>(
      `SELECT position, key, body FROM events
       WHERE position > ? ORDER BY position LIMIT ?`,
      position,
      limit,
    );
  }

  // deno-lint-ignore require-await
  async claimRelay(holder: string, ttlMs: number): Promise<number | null> {
    const now = Date.now();
    const row = this.#get<{ position: number }>(
      `UPDATE relay SET holder = :holder, expires_at = :expiresAt
       WHERE holder IS NULL OR holder = :holder OR expires_at <= :now
       RETURNING position`,
      { holder, expiresAt: now + ttlMs, now },
    );
    return row?.position ?? null;
  }

  // deno-lint-ignore require-await
  async advanceRelay(holder: string, position: number): Promise<boolean> {
    const row = this.#get(
      "UPDATE relay SET position = max(position, :position) WHERE holder = :holder RETURNING position",
      { holder, position },
    );
    return row !== undefined;
  }

  // deno-lint-ignore require-await
  async unpublishedCount(): Promise<number> {
    const { count } = this.#get<{ count: number }>(
      "SELECT count(*) AS count FROM events WHERE position > (SELECT position FROM relay)",
    )!;
    return count;
  }

  // deno-lint-ignore require-await
  async releaseRelay(holder: string): Promise<void> {
    this.#run("UPDATE relay SET holder = NULL, expires_at = 0 WHERE holder = ?", holder);
  }

  // deno-lint-ignore require-await
  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #append(event: TurnlogEvent): void {
    const inserted = this.#run(
      "INSERT INTO events (event_id, key, body) VALUES (?, ?, ?) ON CONFLICT (event_id) DO NOTHING",
      event.id,
      keyOf(event),
      JSON.stringify(event),
    );
    if (inserted === 0) return;
    if (!isConversationEvent(event)) return this.#saveSystemState(event);
    this.#saveConversation(event);
    if (event.turnId !== undefined) this.#saveTurn(event.turnId, event);
  }

  #saveSystemState(event: SystemEvent): void {
    if (isExperimentEvent(event)) saveExperiment(event, (sql, values) => this.#all(sql, values));
    if (!isConsentEvent(event)) return;
    const { given, since } = consentAfter(event);
    this.#run(
      `INSERT INTO consents (user_key, given, changed_at) VALUES (:userKey, :given, :since)
       ON CONFLICT (user_key) DO UPDATE SET given = excluded.given, changed_at = excluded.changed_at`,
      { userKey: event.data.userKey, given: Number(given), since },
    );
  }

  #saveConversation(event: ConversationEvent): void {
    const before = this.#conversation(event.conversationId);
    const state = evolveConversation(before, event);
    if (state === before) return;
    const row = this.#get<{ number: number }>(
      `INSERT INTO conversations (conversation_id, user_key, updated_at, deleted, state)
       VALUES (:conversationId, :userKey, :updatedAt, :deleted, :state)
       ON CONFLICT (conversation_id)
       DO UPDATE SET updated_at = excluded.updated_at, deleted = excluded.deleted, state = excluded.state
       RETURNING number`,
      {
        conversationId: state.conversationId,
        userKey: state.userKey,
        updatedAt: state.updatedAt,
        deleted: Number(state.deleted),
        state: JSON.stringify(state),
      },
    );
    if (state.deleted) this.#run(forgetOperations, event.conversationId);
    if (state.title === before?.title || row === undefined) return;
    this.#run(
      "INSERT OR REPLACE INTO title_search (rowid, title) VALUES (?, ?)",
      row.number,
      state.title,
    );
  }

  #saveTurn(turnId: string, event: ConversationEvent): void {
    const before = this.#turn(turnId);
    const state = evolveTurn(before, event);
    if (state === null || state === before) return;
    const row = this.#get<{ number: number }>(
      `INSERT INTO turns (turn_id, conversation_id, state, operation_status, error_class, model, provider, ended_at)
       VALUES (:turnId, :conversationId, :state, ${operationStatusUnlessDeleted}, :errorClass, :model, :provider, :endedAt)
       ON CONFLICT (turn_id) DO UPDATE SET
         state = excluded.state, operation_status = excluded.operation_status,
         error_class = excluded.error_class, model = excluded.model, provider = excluded.provider,
         ended_at = excluded.ended_at
       RETURNING number`,
      {
        turnId,
        conversationId: state.conversationId,
        state: JSON.stringify(state),
        ...operationColumns(state),
      },
    );
    if (row === undefined || !(before === null || isEnded(state))) return;
    this.#run(
      "INSERT OR REPLACE INTO turn_search (rowid, message, answer) VALUES (?, ?, ?)",
      row.number,
      state.message,
      state.text,
    );
  }

  #conversation(conversationId: string): ConversationState | null {
    const row = this.#get<{ state: string }>(
      "SELECT state FROM conversations WHERE conversation_id = ?",
      conversationId,
    );
    return row ? JSON.parse(row.state) : null;
  }

  #turn(turnId: string): TurnState | null {
    const row = this.#get<{ state: string }>("SELECT state FROM turns WHERE turn_id = ?", turnId);
    return row ? JSON.parse(row.state) : null;
  }

  /** IMMEDIATE: the lock is taken before anything is read, so that a decision cannot be based on an older state. */
  #transaction<Result>(run: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = run();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #get<Row>(sql: string, ...parameters: Bindings): Row | undefined {
    return this.#prepare(sql).get(...parameters as SQLInputValue[]) as Row | undefined;
  }

  #all<Row>(sql: string, ...parameters: Bindings): Row[] {
    return this.#prepare(sql).all(...parameters as SQLInputValue[]) as Row[];
  }

  /** @returns How many rows changed. */
  #run(sql: string, ...parameters: Bindings): number {
    return Number(this.#prepare(sql).run(...parameters as SQLInputValue[]).changes);
  }

  #prepare(sql: string): ReturnType<DatabaseSync["prepare"]> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Nobody looks after the turns of a conversation that its user has deleted. */
const operationStatusUnlessDeleted = `CASE WHEN NOT EXISTS
  (SELECT 1 FROM conversations WHERE conversation_id = :conversationId AND deleted = 1) THEN :operationStatus END`;
const forgetOperations =
  "UPDATE turns SET operation_status = NULL WHERE conversation_id = ? AND operation_status IS NOT NULL";

/** Either values in their order or one object of named values. */
type Bindings = SQLInputValue[] | [Record<string, SQLInputValue>];
