/** What an address of the app names: pure functions between addresses and places. */

/**
 * @typedef {{ place: "chat", conversationId: string | null, turnId: string | null }} ChatRoute
 * @typedef {{ place: "analytics", section: string, item: string | null, search: URLSearchParams }} AnalyticsRoute
 * @typedef {{ place: "operations", search: URLSearchParams }} OperationsRoute
 * @typedef {ChatRoute | AnalyticsRoute | OperationsRoute | { place: "unknown" }} Route
 */

/** The section of the analytics that is shown where the address names none. */
const firstSection = "overview";

/**
 * @param {{ pathname: string, search: string }} address
 * @returns {Route}
 */
export function parseRoute({ pathname, search }) {
  const [place, name, item, ...rest] = pathname.split("/").slice(1).map(decode);
  const parameters = new URLSearchParams(search);
  if (place === "" && name === undefined) return chatRoute(null, null);
  if (place === "c" && name && item === undefined) return chatRoute(name, parameters.get("turn"));
  if (place === "analytics" && rest.length === 0) {
    const section = name || firstSection;
    return { place: "analytics", section, item: item || null, search: parameters };
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
 * @param {string} section
 * @param {string | null} item One of what is in the section, such as a view; null for all of it.
 * @param {URLSearchParams} search The filter, which is kept from one section to the next.
 */
export function analyticsAddress(section, item, search) {
  const parts = item === null ? [section] : [section, item];
  const path = `/analytics/${parts.map(encodeURIComponent).join("/")}`;
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
