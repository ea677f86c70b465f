/** How the SQLite store goes through the conversations of all users, and what it knows of their consent. */
import { backtestUserKey } from "../contract/backtest.ts";
import { type ConsentState, noConsent } from "../contract/consent.ts";
import type {
  AllConversationsFilter,
  AllConversationsPage,
  AllConversationsQuery,
} from "./event_store.ts";
import type { AllRows } from "./sqlite_connection.ts";

const conditions = `deleted = 0 AND user_key <> '${backtestUserKey}' AND updated_at >= :updatedFrom
  AND (:userKey IS NULL OR user_key = :userKey)
  AND (:tenant IS NULL OR state ->> '$.tenant' = :tenant)`;

export function listAllConversations(
  { cursor = "0", limit, ...filter }: AllConversationsQuery,
  all: AllRows,
): AllConversationsPage {
  const rows = all<{ number: number; state: string; hasConsent: number }>(
    `SELECT number, state, coalesce(given, 0) AS hasConsent
     FROM conversations LEFT JOIN consents USING (user_key)
     WHERE number > :after AND ${conditions}
     ORDER BY number LIMIT :limit`,
    { after: Number(cursor), limit: limit + 1, ...bindingsOf(filter) },
  );
  const items = rows.slice(0, limit).map(({ number, state, hasConsent }) => ({
    conversation: JSON.parse(state),
    hasConsent: hasConsent === 1,
    cursor: String(number),
  }));
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.cursor : null };
}

export function countAllConversations(filter: AllConversationsFilter, all: AllRows): number {
  const [{ count }] = all<{ count: number }>(
    `SELECT count(*) AS count FROM conversations WHERE ${conditions}`,
    bindingsOf(filter),
  );
  return count;
}

function bindingsOf({ updatedFrom, userKey, tenant }: AllConversationsFilter) {
  return { updatedFrom, userKey: userKey ?? null, tenant: tenant ?? null };
}

export function readConsent(userKey: string, all: AllRows): ConsentState {
  const [row] = all<{ given: number; changedAt: string }>(
    "SELECT given, changed_at AS changedAt FROM consents WHERE user_key = :userKey",
    { userKey },
  );
  return row ? { given: row.given === 1, since: row.changedAt } : noConsent;
}
