/** Messages that were sent but not yet accepted by the server: a reload in between loses none of them. */
import { recall, remember } from "./storage.js";

/** The messages that are kept; the oldest goes first. */
const messagesMax = 20;

/**
 * @typedef {object} OutgoingMessage
 * @property {string} turnId
 * @property {string | null} conversationId Null where the conversation is still to be created.
 * @property {string} text
 * @property {string | null} model
 * @property {string | null} parentTurnId
 * @property {string} sentAt ISO 8601.
 */

/**
 * @param {string | null} conversationId
 * @returns {OutgoingMessage[]}
 */
export function outgoingMessages(conversationId) {
  return messages().filter((message) => message.conversationId === conversationId);
}

/** @param {string} turnId */
export function outgoingMessage(turnId) {
  return messages().find((message) => message.turnId === turnId);
}

/** @param {OutgoingMessage} message Replaces an earlier one with its turn id. */
export function putOutgoing(message) {
  const others = messages().filter(({ turnId }) => turnId !== message.turnId);
  remember("outbox", [...others, message].slice(-messagesMax));
}

/** @param {string} turnId */
export function removeOutgoing(turnId) {
  remember("outbox", messages().filter((message) => message.turnId !== turnId));
}

/** Browsers lock nothing for pages that come without encryption from another machine. */
export const canLock = "locks" in navigator;

/**
 * Lets one tab at a time deliver a message: two would make a conversation each.
 *
 * @template Result
 * @param {string} turnId
 * @param {AbortSignal} signal Gives up the wait for another tab.
 * @param {() => Promise<Result>} deliver
 * @returns {Promise<Result>}
 */
export async function whileLocked(turnId, signal, deliver) {
  if (!canLock) return await deliver();
  return await navigator.locks.request(`turnlog.outbox.${turnId}`, { signal }, deliver);
}

/** @returns {OutgoingMessage[]} Oldest first. */
function messages() {
  return recall("outbox", /** @type {OutgoingMessage[]} */ ([]));
}
