/** What the SQLite store reads is a fold of its events, kept as JSON in the transaction that appends them. */
import { consentAfter, isConsentEvent } from "../contract/consent.ts";
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
import { isExperimentEvent } from "../contract/experiment_state.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import { saveExperiment } from "./sqlite_experiments.ts";
import { operationColumns } from "./sqlite_operations.ts";

/** Appends an event once, and folds it into what is read. To be called in a transaction. */
export function appendEvent(database: SqliteConnection, event: TurnlogEvent): void {
  const inserted = database.run(
    "INSERT INTO events (event_id, key, body) VALUES (?, ?, ?) ON CONFLICT (event_id) DO NOTHING",
    event.id,
    keyOf(event),
    JSON.stringify(event),
  );
  if (inserted === 0) return;
  if (!isConversationEvent(event)) return saveSystemState(database, event);
  saveConversation(database, event);
  if (event.turnId !== undefined) saveTurn(database, event.turnId, event);
}

function saveSystemState(database: SqliteConnection, event: SystemEvent): void {
  if (isExperimentEvent(event)) saveExperiment(event, database.all);
  if (!isConsentEvent(event)) return;
  const { given, since } = consentAfter(event);
  database.run(
    `INSERT INTO consents (user_key, given, changed_at) VALUES (:userKey, :given, :since)
     ON CONFLICT (user_key) DO UPDATE SET given = excluded.given, changed_at = excluded.changed_at`,
    { userKey: event.data.userKey, given: Number(given), since },
  );
}

function saveConversation(database: SqliteConnection, event: ConversationEvent): void {
  const before = readConversation(database, event.conversationId);
  const state = evolveConversation(before, event);
  if (state === before) return;
  const row = database.get<{ number: number }>(
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
  if (state.deleted) database.run(forgetOperations, event.conversationId);
  if (state.title === before?.title || row === undefined) return;
  database.run(
    "INSERT OR REPLACE INTO title_search (rowid, title) VALUES (?, ?)",
    row.number,
    state.title,
  );
}

function saveTurn(database: SqliteConnection, turnId: string, event: ConversationEvent): void {
  const before = readTurn(database, turnId);
  const state = evolveTurn(before, event);
  if (state === null || state === before) return;
  const row = database.get<{ number: number }>(
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
  database.run(
    "INSERT OR REPLACE INTO turn_search (rowid, message, answer) VALUES (?, ?, ?)",
    row.number,
    state.message,
    state.text,
  );
}

export function readConversation(
  database: SqliteConnection,
  conversationId: string,
): ConversationState | null {
  const row = database.get<{ state: string }>(
    "SELECT state FROM conversations WHERE conversation_id = ?",
    conversationId,
  );
  return row ? JSON.parse(row.state) : null;
}

export function readTurn(database: SqliteConnection, turnId: string): TurnState | null {
  const row = database.get<{ state: string }>("SELECT state FROM turns WHERE turn_id = ?", turnId);
  return row ? JSON.parse(row.state) : null;
}

/** Nobody looks after the turns of a conversation that its user has deleted. */
const operationStatusUnlessDeleted = `CASE WHEN NOT EXISTS
  (SELECT 1 FROM conversations WHERE conversation_id = :conversationId AND deleted = 1) THEN :operationStatus END`;
const forgetOperations =
  "UPDATE turns SET operation_status = NULL WHERE conversation_id = ? AND operation_status IS NOT NULL";
