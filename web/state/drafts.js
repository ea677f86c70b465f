/** Unsent text, kept per conversation so that neither a reload nor another conversation costs a word. */
import { recall, remember } from "./storage.js";

/** The drafts that are kept; the oldest goes first. */
const draftsMax = 50;

/** @typedef {{ conversationId: string | null, text: string }} Draft */

/** @param {string | null} conversationId Null for a new conversation. */
export function draftOf(conversationId) {
  return drafts().find((draft) => draft.conversationId === conversationId)?.text ?? "";
}

/**
 * @param {string | null} conversationId
 * @param {string} text Empty to forget the draft.
 */
export function keepDraft(conversationId, text) {
  const others = drafts().filter((draft) => draft.conversationId !== conversationId);
  const kept = text === "" ? others : [...others, { conversationId, text }];
  remember("drafts", kept.slice(-draftsMax));
}

/** @returns {Draft[]} Oldest first. */
function drafts() {
  return recall("drafts", /** @type {Draft[]} */ ([]));
}
