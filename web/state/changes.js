/** Tells this tab and the other tabs of this browser that a conversation has changed. */

/** @typedef {(conversationId: string, isHere: boolean) => void} ChangeListener `isHere`: this tab has changed it. */

/** @type {ChangeListener[]} A few, added at the start of the page. */
const listeners = [];
const channel = new BroadcastChannel("turnlog");

/** Begins to hear the other tabs; call it once. */
export function startChanges() {
  channel.addEventListener("message", ({ data }) => tell(String(data), false));
}

/** @param {ChangeListener} listener */
export function onChange(listener) {
  listeners.push(listener);
}

/** @param {string} conversationId */
export function tellChange(conversationId) {
  channel.postMessage(conversationId);
  tell(conversationId, true);
}

/** @type {ChangeListener} */
function tell(conversationId, isHere) {
  for (const listener of listeners) listener(conversationId, isHere);
}
