/** The store on one machine: a SQLite file in WAL mode, which several processes may open at once. */
import type { ConsentState } from "../contract/consent.ts";
import type { ConversationState, TurnState } from "../contract/conversation.ts";
import type { TurnlogEvent } from "../contract/event.ts";
import type { ExperimentEvent, ExperimentState } from "../contract/experiment_state.ts";
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
import { SqliteConnection } from "./sqlite_connection.ts";
import { listConversations } from "./sqlite_conversation_list.ts";
import { selectEndedTurns } from "./sqlite_ended_turns.ts";
import { listExperimentEvents, listExperiments } from "./sqlite_experiments.ts";
import { countOperationTurns, listOperationTurns } from "./sqlite_operations.ts";
import { appendEvent, readConversation, readTurn } from "./sqlite_state.ts";

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
  return new SqliteStore(new SqliteConnection(path));
}

class SqliteStore implements EventStore {
  readonly #database: SqliteConnection;

  constructor(database: SqliteConnection) {
    this.#database = database;
  }

  async append(events: readonly TurnlogEvent[]): Promise<void> {
    await this.#database.transaction(() =>
      events.forEach((event) => appendEvent(this.#database, event))
    );
  }

  updateTurn(
    turnId: string,
    decide: (turn: TurnState | null) => readonly TurnlogEvent[],
  ): Promise<TurnState | null> {
    return this.#database.transaction(() => {
      const turn = readTurn(this.#database, turnId);
      const events = decide(turn);
      events.forEach((event) => appendEvent(this.#database, event));
      return events.length === 0 ? turn : readTurn(this.#database, turnId);
    });
  }

  // deno-lint-ignore require-await -- a failed statement must reject, not throw
  async conversation(conversationId: string): Promise<ConversationState | null> {
    return readConversation(this.#database, conversationId);
  }

  // deno-lint-ignore require-await
  async conversationTurns(conversationId: string): Promise<TurnState[]> {
    return this.#database.all<{ state: string }>(
      "SELECT state FROM turns WHERE conversation_id = ? ORDER BY number",
      conversationId,
    ).map(({ state }) => JSON.parse(state));
  }

  // deno-lint-ignore require-await
  async conversations(query: ConversationQuery): Promise<ConversationPage> {
    return listConversations(query, this.#database.all);
  }

  // deno-lint-ignore require-await
  async turn(turnId: string): Promise<TurnState | null> {
    return readTurn(this.#database, turnId);
  }

  // deno-lint-ignore require-await
  async latestTurn(conversationId: string): Promise<TurnState | null> {
    const row = this.#database.get<{ state: string }>(
      "SELECT state FROM turns WHERE conversation_id = ? ORDER BY number DESC LIMIT 1",
      conversationId,
    );
    return row ? JSON.parse(row.state) : null;
  }

  // deno-lint-ignore require-await
  async turnPath(turnId: string): Promise<TurnState[]> {
    return this.#database.all<{ state: string }>(
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
    return listOperationTurns(query, this.#database.all);
  }

  // deno-lint-ignore require-await
  async operationCounts(): Promise<OperationCount[]> {
    return countOperationTurns(this.#database.all);
  }

  // deno-lint-ignore require-await
  async endedTurns(query: EndedTurnsQuery): Promise<TurnIdPage> {
    return selectEndedTurns(this.#database.all, query);
  }

  // deno-lint-ignore require-await
  async consent(userKey: string): Promise<ConsentState> {
    return readConsent(userKey, this.#database.all);
  }

  // deno-lint-ignore require-await
  async allConversations(query: AllConversationsQuery): Promise<AllConversationsPage> {
    return listAllConversations(query, this.#database.all);
  }

  // deno-lint-ignore require-await
  async countAllConversations(filter: AllConversationsFilter): Promise<number> {
    return countAllConversations(filter, this.#database.all);
  }

  // deno-lint-ignore require-await
  async experiments(): Promise<ExperimentState[]> {
    return listExperiments(this.#database.all);
  }

  // deno-lint-ignore require-await
  async experimentEvents(name: string): Promise<ExperimentEvent[]> {
    return listExperimentEvents(name, this.#database.all);
  }

  updateExperiments(
    decide: (experiments: ExperimentState[]) => readonly ExperimentEvent[],
  ): Promise<ExperimentState[]> {
    const list = () => listExperiments(this.#database.all);
    return this.#database.transaction(() => {
      decide(list()).forEach((event) => appendEvent(this.#database, event));
      return list();
    });
  }

  // deno-lint-ignore require-await
  async lastPosition(): Promise<number> {
    return this.#database.get<{ last: number }>(
      "SELECT ifnull(max(position), 0) AS last FROM events",
    )!.last;
  }

  // deno-lint-ignore require-await
  async eventsAfter(position: number, limit: number): Promise<StoredEvent[]> {
    return this.#database.all<StoredEvent>(
      `SELECT position, key, body FROM events
       WHERE position > ? ORDER BY position LIMIT ?`,
      position,
      limit,
    );
  }

  // deno-lint-ignore require-await
  async claimRelay(holder: string, ttlMs: number): Promise<number | null> {
    const now = Date.now();
    const row = this.#database.get<{ position: number }>(
      `UPDATE relay SET holder = :holder, expires_at = :expiresAt
       WHERE holder IS NULL OR holder = :holder OR expires_at <= :now
       RETURNING position`,
      { holder, expiresAt: now + ttlMs, now },
    );
    return row?.position ?? null;
  }

  // deno-lint-ignore require-await
  async advanceRelay(holder: string, position: number): Promise<boolean> {
    const row = this.#database.get(
      "UPDATE relay SET position = max(position, :position) WHERE holder = :holder RETURNING position",
      { holder, position },
    );
    return row !== undefined;
  }

  // deno-lint-ignore require-await
  async unpublishedCount(): Promise<number> {
    const { count } = this.#database.get<{ count: number }>(
      "SELECT count(*) AS count FROM events WHERE position > (SELECT position FROM relay)",
    )!;
    return count;
  }

  // deno-lint-ignore require-await
  async releaseRelay(holder: string): Promise<void> {
    this.#database.run("UPDATE relay SET holder = NULL, expires_at = 0 WHERE holder = ?", holder);
  }

  // deno-lint-ignore require-await
  async close(): Promise<void> {
    this.#database.close();
  }
}
