/**
 * Conversations that a person has deleted and the server still has: kept in the browser, so that the next page deletes
 * them where this one dies within the time to undo it.
 */
import { recall, remember } from "./storage.js";

/** The deletions that are kept; the oldest goes first. */
const deletionsMax = 100;

/** @typedef {{ id: string, dueAtMs: number }} KeptDeletion `dueAtMs`: until then it can be undone, in Unix time. */

/** @returns {KeptDeletion[]} Oldest first. */
export function keptDeletions() {
  return recall("deletions", /** @type {KeptDeletion[]} */ ([]));
}

/** @param {KeptDeletion} deletion @returns False where it was undone, also by another tab, and though begun anew since. */
export function isKeptDeletion({ id, dueAtMs }) {
  return keptDeletions().some((kept) => kept.id === id && kept.dueAtMs === dueAtMs);
}

/** @param {KeptDeletion} deletion */
export function keepDeletion(deletion) {
  remember("deletions", [...keptDeletions(), deletion].slice(-deletionsMax));
}

/** @param {string} id It was undone, or the server has deleted it. */
export function forgetDeletion(id) {
  remember("deletions", keptDeletions().filter((deletion) => deletion.id !== id));
}
