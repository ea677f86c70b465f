/** What the app says aside: to screen readers through the live region, and in toasts for what happened elsewhere. */
import { signal } from "@preact/signals";

/** Toasts on the screen at a time; the oldest goes first. */
const toastsMax = 3;
const toastMs = 6000;

/** @typedef {{ id: number, text: string, action: { label: string, act: () => void } | null }} Toast */

/** The last thing said to screen readers. */
export const announcement = signal("");
export const toasts = signal(/** @type {Toast[]} */ ([]));

let lastId = 0;

/** @param {string} text */
export function announce(text) {
  // A live region stays silent when its text does not change.
  announcement.value = announcement.value === text ? `${text}\u00a0` : text;
}

/**
 * Shows a toast for a while.
 *
 * @param {string} text
 * @param {{ action?: { label: string, act: () => void }, durationMs?: number }} [options]
 * @returns {number} Its id, to take it away earlier.
 */
export function showToast(text, { action, durationMs = toastMs } = {}) {
  const id = ++lastId;
  toasts.value = [...toasts.value, { id, text, action: action ?? null }].slice(-toastsMax);
  setTimeout(() => hideToast(id), durationMs);
  return id;
}

/** @param {number} id */
export function hideToast(id) {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}
