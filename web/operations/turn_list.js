/** The turns that are shown, and how many there are, as the server last said. */
import { signal } from "@preact/signals";
import { messageOf } from "../api.js";
import { checkAccess } from "./access.js";
import { countTurns, listTurns } from "./operations_api.js";
import { filterSearch } from "./turn_filter.js";

/**
 * @import { OperationCount, OperationTurn } from "../../events/contract/operations.ts"
 * @import { TurnFilter } from "./turn_filter.js"
 *
 * @typedef {{ key: string, items: OperationTurn[], nextCursor: string | null }} ShownTurns
 */

const pageSize = 50;

/** Null until they are known. */
export const counts = signal(/** @type {OperationCount[] | null} */ (null));
/** `key` tells for which filter they are. */
export const shownTurns = signal(/** @type {ShownTurns | null} */ (null));
export const listError = signal(/** @type {string | null} */ (null));

/** Tells an answer that came too late. */
let lastLoad = 0;

/** @param {TurnFilter} filter */
export function keyOfFilter(filter) {
  return `${filter.status} ${filterSearch(filter)}`;
}

/** Whether only the first page is shown, which may be replaced while someone reads. */
export function isFirstPage() {
  return (shownTurns.value?.items.length ?? 0) <= pageSize;
}

/**
 * Fetches the first page and the counts. What is shown stays until they are there.
 *
 * @param {TurnFilter} filter
 */
export async function loadTurns(filter) {
  const load = ++lastLoad;
  try {
    const [page, counted] = await Promise.all([
      listTurns(filter, { cursor: null, limit: pageSize }),
      countTurns(),
    ]);
    if (load !== lastLoad) return;
    counts.value = counted;
    shownTurns.value = { key: keyOfFilter(filter), ...page };
    listError.value = null;
  } catch (error) {
    if (load !== lastLoad) return;
    listError.value = messageOf(error);
    checkAccess(error);
  }
}

/** @param {TurnFilter} filter */
export async function loadMoreTurns(filter) {
  const before = shownTurns.value;
  if (before === null || before.nextCursor === null) return;
  const load = ++lastLoad;
  try {
    const page = await listTurns(filter, { cursor: before.nextCursor, limit: pageSize });
    if (load !== lastLoad) return;
    shownTurns.value = { ...before, ...page, items: [...before.items, ...page.items] };
    listError.value = null;
  } catch (error) {
    if (load === lastLoad) listError.value = messageOf(error);
    checkAccess(error);
  }
}
