/** What an address of the app names: pure functions between addresses and places. */

/**
 * @typedef {{ place: "chat", conversationId: string | null, turnId: string | null }} ChatRoute
 * @typedef {{ place: "analytics", view: string | null, search: URLSearchParams }} AnalyticsRoute
 * @typedef {{ place: "operations", search: URLSearchParams }} OperationsRoute
 * @typedef {ChatRoute | AnalyticsRoute | OperationsRoute | { place: "unknown" }} Route
 */

/**
 * @param {{ pathname: string, search: string }} address
 * @returns {Route}
 */
export function parseRoute({ pathname, search }) {
  const [place, name, ...rest] = pathname.split("/").slice(1).map(decode);
  const parameters = new URLSearchParams(search);
  if (place === "" && name === undefined) return chatRoute(null, null);
  if (place === "c" && name && rest.length === 0) return chatRoute(name, parameters.get("turn"));
  if (place === "analytics" && rest.length === 0) {
    return { place: "analytics", view: name || null, search: parameters };
  }
  if (place === "operations" && name === undefined) {
    return { place: "operations", search: parameters };
  }
  return { place: "unknown" };
}

/**
 * @param {string | null} conversationId Null for a new conversation.
 * @param {string | null} [turnId] A turn that the shown branch goes through.
 */
export function chatAddress(conversationId, turnId = null) {
  if (conversationId === null) return "/";
  const path = `/c/${encodeURIComponent(conversationId)}`;
  return turnId === null ? path : `${path}?turn=${encodeURIComponent(turnId)}`;
}

/**
 * @param {string | null} view Null for all of them.
 * @param {URLSearchParams} search The time range, which is kept from one view to the next.
 */
export function analyticsAddress(view, search) {
  const path = view === null ? "/analytics" : `/analytics/${encodeURIComponent(view)}`;
  return search.size === 0 ? path : `${path}?${search}`;
}

/** @param {URLSearchParams} search The filter. */
export function operationsAddress(search) {
  return search.size === 0 ? "/operations" : `/operations?${search}`;
}

/**
 * @param {string | null} conversationId
 * @param {string | null} turnId
 * @returns {ChatRoute}
 */
function chatRoute(conversationId, turnId) {
  return { place: "chat", conversationId, turnId };
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
