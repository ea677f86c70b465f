/**
 * The tables of the SQLite store, as migrations that only go forward: one entry is one version, applied in a
 * transaction, never edited once released.
 */
import type { DatabaseSync } from "node:sqlite";

const migrations: readonly string[] = [
  `
  -- The log. AUTOINCREMENT: a position is never given twice, and writers commit in the order of positions.
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;

  -- Read tables: the fold of each conversation and turn as JSON, beside the columns that queries need.
  CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL UNIQUE,
    user_key TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL
  ) STRICT;
  CREATE INDEX conversations_by_user ON conversations (user_key, deleted, updated_at, conversation_id);

  CREATE TABLE turns (
    number INTEGER PRIMARY KEY,
    turn_id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL,
    state TEXT NOT NULL
  ) STRICT;
  CREATE INDEX turns_by_conversation ON turns (conversation_id, number);

  -- Full text, by the rowids of the read tables. Contentless: the words are indexed, the text is not kept again.
  CREATE VIRTUAL TABLE title_search USING fts5 (
    title, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
  );
  CREATE VIRTUAL TABLE turn_search USING fts5 (
    message, answer, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
  );

  CREATE TABLE relay (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    position INTEGER NOT NULL,
    holder TEXT,
    expires_at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO relay VALUES (1, 0, NULL, 0);
  `,
  `
  -- Events that belong to no conversation have another key.
  ALTER TABLE events RENAME COLUMN conversation_id TO key;
  `,
  `
  -- What operators look for. Only turns that have not ended well are indexed, so that the index stays small.
  ALTER TABLE turns ADD COLUMN operation_status TEXT;
  ALTER TABLE turns ADD COLUMN error_class TEXT NOT NULL DEFAULT '';
  ALTER TABLE turns ADD COLUMN model TEXT NOT NULL DEFAULT '';
  ALTER TABLE turns ADD COLUMN provider TEXT NOT NULL DEFAULT '';
  ALTER TABLE turns ADD COLUMN ended_at TEXT;
  UPDATE turns SET
    operation_status = CASE state ->> '$.status'
      WHEN 'accepted' THEN 'live' WHEN 'running' THEN 'live'
      WHEN 'waiting' THEN 'waiting' WHEN 'failed' THEN 'failed' END,
    error_class = coalesce(state ->> '$.error.class', state ->> '$.waiting.reason.class', ''),
    model = coalesce(state ->> '$.attempts[#-1].model', ''),
    provider = coalesce(state ->> '$.attempts[#-1].provider', ''),
    ended_at = state ->> '$.endedAt';
  UPDATE turns SET operation_status = NULL
    WHERE conversation_id IN (SELECT conversation_id FROM conversations WHERE deleted = 1);
  CREATE INDEX turns_by_operation_status
    ON turns (operation_status, number, error_class, model, provider, ended_at)
    WHERE operation_status IS NOT NULL;
  `,
  `
  -- Past turns are found by their time.
  CREATE INDEX IF NOT EXISTS turns_by_time ON turns (state ->> '$.sentAt', turn_id);
  `,
  `
  -- What users have said last of the use of their conversations; whoever has said nothing is not here.
  CREATE TABLE IF NOT EXISTS consents (
    user_key TEXT PRIMARY KEY,
    given INTEGER NOT NULL,
    changed_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- The fold of each experiment, small enough to be read with every turn, and the places of its events in the log.
  CREATE TABLE IF NOT EXISTS experiments (name TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS experiment_events (position INTEGER PRIMARY KEY, experiment TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS experiment_events_by_name ON experiment_events (experiment, position);
  `,
];

/**
 * Brings the database to the newest version. Safe when several processes open it at once.
 *
 * @throws Error where a newer Turnlog has written the file.
 */
export function migrate(database: DatabaseSync): void {
  if (versionOf(database) === migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(database);
    if (version > migrations.length) {
      throw new Error(
        `Cannot open the store: it has version ${version}, and this Turnlog knows ${migrations.length} at most. ` +
          "Start the newer Turnlog, or name another TURNLOG_DATA",
      );
    }
    for (const migration of migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}
