/** Calls the routes for operators. */
import { request } from "../api.js";

/**
 * @import { Page, ServerView } from "../../events/contract/api.ts"
 * @import { OperationCount, OperationTurn, OperationTurnDetail, OperatorSession, RetryView } from "../../events/contract/operations.ts"
 * @import { TurnFilter } from "./turn_filter.js"
 */

export async function getAccess() {
  const session = /** @type {OperatorSession} */ (await request("GET", "/api/operator/session"));
  return session.access;
}

/** @param {string} token */
export function beginSession(token) {
  return request("POST", "/api/operator/session", { body: { token } });
}

export function endSession() {
  return request("DELETE", "/api/operator/session");
}

/**
 * @param {TurnFilter} filter
 * @param {{ cursor: string | null, limit: number }} page
 */
export function listTurns(filter, { cursor, limit }) {
  const parameters = new URLSearchParams({ ...filter, limit: String(limit) });
  if (cursor !== null) parameters.set("cursor", cursor);
  const path = `/api/operations/turns?${parameters}`;
  return /** @type {Promise<Page<OperationTurn>>} */ (request("GET", path));
}

export async function countTurns() {
  const path = "/api/operations/counts";
  return /** @type {Page<OperationCount>} */ (await request("GET", path)).items;
}

/** @param {string} id */
export function describeTurn(id) {
  return /** @type {Promise<OperationTurnDetail>} */ (request("GET", turnPath(id)));
}

/** @param {string} id */
export function retryTurn(id) {
  return request("POST", `${turnPath(id)}/retry`);
}

/** @param {string} id */
export function cancelTurn(id) {
  return request("POST", `${turnPath(id)}/cancel`);
}

/** @param {{ id: string, errorClass?: string, model?: string, provider?: string }} retry The same id is the same retry. */
export function startRetry(retry) {
  const path = "/api/operations/retries";
  return /** @type {Promise<RetryView>} */ (request("POST", path, { body: retry }));
}

/** @param {string} id */
export function describeRetry(id) {
  const path = `/api/operations/retries/${encodeURIComponent(id)}`;
  return /** @type {Promise<RetryView>} */ (request("GET", path));
}

export async function listServers() {
  const path = "/api/operations/models";
  return /** @type {Page<ServerView>} */ (await request("GET", path)).items;
}

/**
 * @param {string} model One that the server answers.
 * @param {"sleep" | "wake" | "start" | "stop"} change
 */
export function changeServer(model, change) {
  return request("POST", `/api/operations/models/${encodeURIComponent(model)}/${change}`);
}

/** @param {string} id */
function turnPath(id) {
  return `/api/operations/turns/${encodeURIComponent(id)}`;
}
