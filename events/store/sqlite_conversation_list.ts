/** How the SQLite store lists and searches a user's conversations. */
import type { ConversationState } from "../contract/conversation.ts";
import type { ConversationPage, ConversationQuery } from "./event_store.ts";
import type { AllRows } from "./sqlite_connection.ts";

export function listConversations(
  query: ConversationQuery,
  all: AllRows,
): ConversationPage {
  const words = searchExpression(query.search ?? "");
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const rows = all<{ state: string }>(
    `SELECT state FROM conversations
     WHERE user_key = :userKey AND deleted = 0
       AND (:updatedAt IS NULL OR (updated_at, conversation_id) < (:updatedAt, :conversationId))
       AND (:words IS NULL
         OR number IN (SELECT rowid FROM title_search WHERE title_search MATCH :words)
         OR conversation_id IN (
           SELECT conversation_id FROM turns
           WHERE number IN (SELECT rowid FROM turn_search WHERE turn_search MATCH :words)))
     ORDER BY updated_at DESC, conversation_id DESC
     LIMIT :limit`,
    {
      userKey: query.userKey,
      words,
      updatedAt: after?.updatedAt ?? null,
      conversationId: after?.conversationId ?? null,
      limit: query.limit + 1,
    },
  );
  const items = rows.slice(0, query.limit).map(({ state }) =>
    JSON.parse(state) as ConversationState
  );
  return { items, nextCursor: rows.length > query.limit ? encodeCursor(items.at(-1)!) : null };
}

/** Each word as a quoted FTS5 string, so that no character has a meaning of its own; the last one as a prefix. */
function searchExpression(search: string): string | null {
  const words = search.split(/\s+/).filter((word) => word !== "").slice(0, 20);
  if (words.length === 0) return null;
  return words.map((word) => `"${word.replaceAll('"', '""')}"`).join(" ") + " *";
}

function encodeCursor({ updatedAt, conversationId }: ConversationState): string {
  return btoa(`${updatedAt} ${conversationId}`);
}

/** @throws RangeError where the text is no cursor. */
function decodeCursor(cursor: string): { updatedAt: string; conversationId: string } {
  const [updatedAt, conversationId] = decodeBase64(cursor).split(" ");
  if (!conversationId) {
    throw new RangeError("Cannot read the list: its cursor is not one that the list gave");
  }
  return { updatedAt, conversationId };
}

function decodeBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return "";
  }
}
