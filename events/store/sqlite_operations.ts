/** The turns that operators look after, as the SQLite store finds them. */
import type { SQLInputValue } from "node:sqlite";
import type { TurnState } from "../contract/conversation.ts";
import { type OperationCount, operationStatusOf } from "../contract/operations.ts";
import type { OperationTurnQuery, TurnPage } from "./event_store.ts";
import type { AllRows } from "./sqlite_connection.ts";

/** The most groups that turns are counted in. */
const groupsMax = 1000;

/** @returns What the table of turns has beside the state, for the index by which turns are found here. */
export function operationColumns(turn: TurnState): Record<string, SQLInputValue> {
  const last = turn.attempts.at(-1);
  return {
    operationStatus: operationStatusOf(turn),
    errorClass: (turn.error ?? turn.waiting?.reason)?.class ?? "",
    model: last?.model ?? "",
    provider: last?.provider ?? "",
    endedAt: turn.endedAt,
  };
}

/** @throws RangeError where the cursor is not one that this list gave. */
export function listOperationTurns(query: OperationTurnQuery, select: AllRows): TurnPage {
  const isNewestFirst = query.order === "newest-first";
  const rows = select<{ number: number; state: string }>(
    `SELECT number, state FROM turns
     WHERE operation_status = :status
       AND (:after IS NULL OR number ${isNewestFirst ? "<" : ">"} :after)
       AND (:conversationId IS NULL OR conversation_id = :conversationId)
       AND (:errorClass IS NULL OR error_class = :errorClass)
       AND (:model IS NULL OR model = :model)
       AND (:provider IS NULL OR provider = :provider)
       AND (:endedFrom IS NULL OR ended_at >= :endedFrom)
       AND (:endedBefore IS NULL OR ended_at < :endedBefore)
     ORDER BY number ${isNewestFirst ? "DESC" : "ASC"} LIMIT :limit`,
    {
      status: query.status,
      after: query.cursor === undefined ? null : decodeCursor(query.cursor),
      conversationId: query.conversationId ?? null,
      errorClass: query.errorClass ?? null,
      model: query.model ?? null,
      provider: query.provider ?? null,
      endedFrom: query.endedFrom ?? null,
      endedBefore: query.endedBefore ?? null,
      limit: query.limit + 1,
    },
  );
  const page = rows.slice(0, query.limit);
  return {
    items: page.map(({ state }) => JSON.parse(state)),
    nextCursor: rows.length > query.limit ? String(page.at(-1)!.number) : null,
  };
}

export function countOperationTurns(select: AllRows): OperationCount[] {
  // A copy of each row: those of SQLite have no prototype.
  return select<OperationCount>(
    `SELECT operation_status AS status, error_class AS errorClass, model, provider, count(*) AS turns
     FROM turns WHERE operation_status IS NOT NULL
     GROUP BY operation_status, error_class, model, provider
     ORDER BY turns DESC LIMIT :groupsMax`,
    { groupsMax },
  ).map((row) => ({ ...row }));
}

function decodeCursor(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) {
    throw new RangeError("Cannot read the list: its cursor is not one that the list gave");
  }
  return Number(cursor);
}
