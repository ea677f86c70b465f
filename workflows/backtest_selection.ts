/** Which turns a backtest takes: by the store's order, and by a share that is the same turns each time. */
import { createHash } from "node:crypto";
import type { BacktestSelection } from "../events/contract/backtest.ts";
import type { EndedTurnsQuery, EventStore, TurnIdPage } from "../events/store/event_store.ts";

/** How many turns are counted at a time. */
const countedAtOnce = 1000;

/**
 * @param cursor From an earlier page; the first one where it is absent.
 * @param limit At most this many, from 1.
 */
export async function selectTurns(
  store: Pick<EventStore, "endedTurns">,
  selection: BacktestSelection,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<TurnIdPage> {
  const turnIds: string[] = [];
  while (true) {
    // Never more than are wanted, so that the cursor stands behind the last one that is taken.
    const page = await store.endedTurns(queryOf(selection, cursor, limit - turnIds.length));
    turnIds.push(...page.turnIds.filter((turnId) => isTaken(turnId, selection.share)));
    if (page.nextCursor === null || turnIds.length >= limit) {
      return { turnIds, nextCursor: page.nextCursor };
    }
    cursor = page.nextCursor;
  }
}

/** @returns How many turns the selection takes now. */
export async function countTurns(
  store: Pick<EventStore, "endedTurns">,
  selection: BacktestSelection,
): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await store.endedTurns(queryOf(selection, cursor, countedAtOnce));
    count += page.turnIds.filter((turnId) => isTaken(turnId, selection.share)).length;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && count < selection.limit);
  return Math.min(count, selection.limit);
}

/** A larger share holds all turns of a smaller one, so that backtests of different size can be compared. */
export function isTaken(turnId: string, share: number): boolean {
  const hash = createHash("sha256").update(`backtest ${turnId}`).digest();
  return hash.readUInt32BE() < share * 2 ** 32;
}

function queryOf(
  { from, to, route, lastModel, conversationId }: BacktestSelection,
  cursor: string | undefined,
  limit: number,
): EndedTurnsQuery {
  return { from, to, route, lastModel, conversationId, cursor, limit };
}
