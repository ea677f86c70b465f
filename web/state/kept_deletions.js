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

/** @param {string} id @returns False where it was undone, also by another tab. */
export function isKeptDeletion(id) {
  return keptDeletions().some((deletion) => deletion.id === id);
}

/** @param {KeptDeletion} deletion */
export function keepDeletion(deletion) {
  remember("deletions", [...keptDeletions(), deletion].slice(-deletionsMax));
}

/** @param {string} id It was undone, or the server has deleted it. */
export function forgetDeletion(id) {
  remember("deletions", keptDeletions().filter((deletion) => deletion.id !== id));
}
