/** The list of conversations: found page by page, renamed, and deleted with time to think again. */
import { batch, computed, signal } from "@preact/signals";
import {
  deleteConversation,
  isGone,
  listConversations,
  messageOf,
  renameConversation,
  withRetries,
} from "../api.js";
import { hideToast, showToast } from "./announcements.js";
import { onChange, tellChange } from "./changes.js";
import { forgetDeletion, isKeptDeletion, keepDeletion, keptDeletions } from "./kept_deletions.js";
import { shorten } from "../format.js";

/**
 * @import { ConversationView, Page } from "../../events/contract/api.ts"
 * @import { KeptDeletion } from "./kept_deletions.js"
 */

/** How much of a title a notification repeats, in characters. */
const toldLengthMax = 40;
/** How long a deletion can be undone. */
const undoMs = 10_000;
/** A pause in typing after which a search begins. */
const searchPauseMs = 200;

/** The words that the list is searched for; empty for all conversations. */
export const search = signal("");
export const isLoading = signal(false);
export const listError = signal(/** @type {string | null} */ (null));
/** False until the first page has come. */
export const isListed = signal(false);
/** The cursor of the next page; null where the list is whole. */
export const nextCursor = signal(/** @type {string | null} */ (null));

const items = signal(/** @type {ConversationView[]} */ ([]));
/** Conversations whose deletion can still be undone, with what ends that time. */
const deleting = signal(/** @type {Map<string, Deletion>} */ (new Map()));

/**
 * The toast offers to undo it; without one another page began it, and perhaps still offers that.
 *
 * @typedef {{ dueAtMs: number, timer: ReturnType<typeof setTimeout>, toast?: number }} Deletion
 */

/** What the list shows, newest activity first. */
export const conversations = computed(() =>
  items.value.filter(({ id }) => !deleting.value.has(id))
);

let loading = new AbortController();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let searchTimer;

/** Keeps the list up to date, and carries out deletions when the page closes or another one could not; call it once. */
export function startConversationList() {
  onChange(refresh);
  for (const deletion of keptDeletions()) schedule(deletion);
  addEventListener("pagehide", deleteAtOnce);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
  refresh();
}

/** Fetches the first page anew; further pages that are shown stay. */
export async function refresh() {
  await loadFirst((page) => {
    const known = new Set(page.items.map(({ id }) => id));
    const oldest = page.items.at(-1)?.updatedAt ?? "";
    const further = items.value.filter((item) => item.updatedAt < oldest && !known.has(item.id));
    items.value = [...page.items, ...further];
    if (further.length === 0) nextCursor.value = page.nextCursor;
  });
}

/** Fetches the next page, if there is one and none is on its way. */
export async function loadMore() {
  if (isLoading.value || nextCursor.value === null) return;
  await load(nextCursor.value, loading.signal, (page) => {
    const known = new Set(items.value.map(({ id }) => id));
    items.value = [...items.value, ...page.items.filter(({ id }) => !known.has(id))];
    nextCursor.value = page.nextCursor;
  });
}

/** @param {string} words */
export function searchFor(words) {
  search.value = words;
  clearTimeout(searchTimer);
  searchTimer = setTimeout(() =>
    loadFirst((page) => {
      items.value = page.items;
      nextCursor.value = page.nextCursor;
    }), searchPauseMs);
}

/**
 * @param {ConversationView} conversation
 * @param {string} title
 */
export async function rename(conversation, title) {
  change(conversation.id, { title });
  try {
    await renameConversation(conversation.id, title);
    tellChange(conversation.id);
  } catch (error) {
    change(conversation.id, { title: conversation.title });
    showToast(`The conversation was not renamed. ${messageOf(error)}`);
  }
}

/**
 * Takes a conversation from the list, and deletes it when the time to undo is over or the page closes.
 *
 * @param {ConversationView} conversation
 * @param {() => void} onUndo
 */
export function remove({ id, title }, onUndo) {
  const dueAtMs = Date.now() + undoMs;
  const toast = showToast(`“${shorten(title ?? "New conversation", toldLengthMax)}” is deleted.`, {
    durationMs: undoMs,
    action: {
      label: "Undo",
      act: () => {
        forgetDeletion(id);
        unschedule(id);
        onUndo();
      },
    },
  });
  keepDeletion({ id, dueAtMs });
  schedule({ id, dueAtMs }, toast);
}

/** @param {string} id */
export function titleOf(id) {
  return items.value.find((conversation) => conversation.id === id)?.title ?? null;
}

/** @param {(page: Page<ConversationView>) => void} take */
async function loadFirst(take) {
  loading.abort();
  loading = new AbortController();
  await load(null, loading.signal, take);
}

/**
 * @param {string | null} cursor
 * @param {AbortSignal} signal
 * @param {(page: Page<ConversationView>) => void} take
 */
async function load(cursor, signal, take) {
  isLoading.value = true;
  try {
    const page = await listConversations({ search: search.value.trim(), cursor, signal });
    batch(() => {
      take(page);
      isListed.value = true;
      listError.value = null;
    });
  } catch (error) {
    if (signal.aborted) return;
    listError.value = messageOf(error);
  }
  isLoading.value = false;
}

/**
 * @param {string} id
 * @param {Partial<ConversationView>} changed
 */
function change(id, changed) {
  items.value = items.value.map((item) => item.id === id ? { ...item, ...changed } : item);
}

/**
 * @param {KeptDeletion} deletion
 * @param {number} [toast]
 */
function schedule({ id, dueAtMs }, toast) {
  const timer = setTimeout(() => carryOut(id), dueAtMs - Date.now());
  deleting.value = new Map(deleting.value).set(id, { dueAtMs, timer, toast });
}

/** @param {string} id */
function unschedule(id) {
  const deletion = deleting.value.get(id);
  if (deletion === undefined) return;
  clearTimeout(deletion.timer);
  if (deletion.toast !== undefined) hideToast(deletion.toast);
  const others = new Map(deleting.value);
  others.delete(id);
  deleting.value = others;
}

/** @param {string} id */
async function carryOut(id) {
  const { dueAtMs, toast } = /** @type {Deletion} */ (deleting.value.get(id));
  // Undo takes this page's own out of `deleting`, whether or not storage could keep them; of others storage alone tells.
  const isWanted = toast !== undefined || isKeptDeletion({ id, dueAtMs });
  try {
    if (isWanted) await withRetries(() => deleteOnServer(id));
  } catch (error) {
    forgetDeletion(id);
    showToast(`The conversation was not deleted. ${messageOf(error)}`);
  }
  unschedule(id);
}

/**
 * @param {string} id
 * @param {{ keepalive?: boolean }} [options]
 */
async function deleteOnServer(id, options) {
  try {
    await deleteConversation(id, options);
  } catch (error) {
    // Another page has deleted it.
    if (!isGone(error)) throw error;
  }
  forgetDeletion(id);
  items.value = items.value.filter((item) => item.id !== id);
  tellChange(id);
}

/** Carries out what this page began. What others began stays kept: it may still be undone there. */
function deleteAtOnce() {
  for (const [id, { toast }] of deleting.value) {
    if (toast === undefined) continue;
    // The page may come back from the browser's cache, when there is nothing to undo any more.
    hideToast(toast);
    // Nobody is left to hear of a failure: the next page tries again.
    deleteOnServer(id, { keepalive: true }).catch(() => {});
  }
}
