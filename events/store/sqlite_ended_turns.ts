/** How the SQLite store finds past turns. */
import type { EndedTurnsQuery, TurnIdPage } from "./event_store.ts";
import type { AllRows } from "./sqlite_connection.ts";

interface Row {
  turnId: string;
  sentAt: string;
}

/** A page of them: by time, then by id. */
export const endedTurnsStatement = `SELECT turn_id AS turnId, turns.state ->> '$.sentAt' AS sentAt
   FROM turns JOIN conversations USING (conversation_id)
   WHERE turns.state ->> '$.sentAt' >= :sentAt AND turns.state ->> '$.sentAt' < :to
     AND (turns.state ->> '$.sentAt' > :sentAt OR turn_id > :turnId)
     AND conversations.deleted = 0
     AND turns.state ->> '$.backtest' IS NULL
     AND turns.state ->> '$.status' IN ('completed', 'stopped', 'failed')
     AND (:route IS NULL OR turns.state ->> '$.route' = :route)
     AND (:lastModel IS NULL OR turns.state ->> '$.attempts[#-1].model' = :lastModel)
     AND (:conversationId IS NULL OR conversation_id = :conversationId)
   ORDER BY turns.state ->> '$.sentAt', turn_id
   LIMIT :limit`;

export function selectEndedTurns(
  all: AllRows,
  { from, to, route, lastModel, conversationId, cursor, limit }: EndedTurnsQuery,
): TurnIdPage {
  // A cursor is the time and the id of the last turn that was listed; before the first one there is no turn's.
  const [sentAt, turnId = ""] = cursor === undefined ? [from] : split(cursor);
  const rows = all<Row>(
    endedTurnsStatement,
    {
      sentAt,
      to,
      turnId,
      route: route ?? null,
      lastModel: lastModel ?? null,
      conversationId: conversationId ?? null,
      limit: limit + 1,
    },
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    turnIds: items.map(({ turnId }) => turnId),
    nextCursor: rows.length > limit && last ? `${last.sentAt} ${last.turnId}` : null,
  };
}

/** At the first blank: a time has none. */
function split(cursor: string): [string, string] {
  const blank = cursor.indexOf(" ");
  return [cursor.slice(0, blank), cursor.slice(blank + 1)];
}
