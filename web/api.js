/** Calls Turnlog's HTTP API. Every failure is a {@linkcode RequestError}, whose message a person may read. */

/**
 * @import { AnalyticsDefinition, AnalyticsRows, AnalyticsView, ConversationDetail, ConversationView, ModelView, Page, Problem, TurnAccepted, TurnView } from "../events/contract/api.ts"
 * @import { ComparisonWinner } from "../events/contract/comparison.ts"
 * @import { ConsentState } from "../events/contract/consent.ts"
 */

/** No answer is waited for longer than this; streams are not requested here. */
const timeoutMs = 30_000;
/** Pauses before a request that may be repeated is repeated: a restart of the api stays unnoticed. */
const retryDelaysMs = [300, 1000, 2500];

/** A request that failed. `status` is 0 where the server could not be reached. */
export class RequestError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.name = "RequestError";
    this.status = status;
  }
}

/** @param {{ search: string, cursor: string | null, signal: AbortSignal }} query */
export function listConversations({ search, cursor, signal }) {
  const parameters = new URLSearchParams({ limit: "50" });
  if (search !== "") parameters.set("search", search);
  if (cursor !== null) parameters.set("cursor", cursor);
  const path = `/api/conversations?${parameters}`;
  return /** @type {Promise<Page<ConversationView>>} */ (request("GET", path, { signal }));
}

export function createConversation() {
  const path = "/api/conversations";
  return /** @type {Promise<ConversationView>} */ (request("POST", path, { body: {} }));
}

/** @param {string} id */
export function getConversation(id) {
  return /** @type {Promise<ConversationDetail>} */ (request("GET", conversationPath(id)));
}

/**
 * @param {string} id
 * @param {string} title
 */
export function renameConversation(id, title) {
  return request("PATCH", conversationPath(id), { body: { title } });
}

/**
 * @param {string} id
 * @param {{ keepalive?: boolean }} [options] `keepalive` lets the request outlive the page.
 */
export function deleteConversation(id, { keepalive = false } = {}) {
  return request("DELETE", conversationPath(id), { keepalive });
}

/**
 * Sends a message. The same `turnId` again is the same turn, so this may be repeated.
 *
 * @param {string} conversationId
 * @param {{ turnId: string, text: string, model?: string, parentTurnId: string | null }} message
 * @param {AbortSignal} signal
 */
export function sendTurn(conversationId, message, signal) {
  const path = `${conversationPath(conversationId)}/turns`;
  return /** @type {Promise<TurnAccepted>} */ (request("POST", path, { body: message, signal }));
}

/** @param {string} id */
export function getTurn(id) {
  return /** @type {Promise<TurnView>} */ (request("GET", turnPath(id)));
}

/**
 * @param {string} id
 * @param {number} seenLength The length of the answer that is on the screen, in UTF-16 code units.
 */
export function stopTurn(id, seenLength) {
  return request("POST", `${turnPath(id)}/stop`, { body: { seenLength } });
}

/**
 * Lets another model or route answer a turn that waits.
 *
 * @param {string} id
 * @param {string} model
 */
export function chooseTurnModel(id, model) {
  return request("POST", `${turnPath(id)}/model`, { body: { model } });
}

/**
 * Asks for another answer to a turn's message. The same `turnId` again is the same turn, so this may be repeated.
 *
 * @param {string} id
 * @param {{ turnId: string, model?: string }} asked The new turn, and another model or route than the first asked for.
 */
export function regenerateTurn(id, asked) {
  const path = `${turnPath(id)}/regenerate`;
  return /** @type {Promise<TurnAccepted>} */ (request("POST", path, { body: asked }));
}

/**
 * @param {string} id
 * @param {"up" | "down" | null} rating
 */
export function giveFeedback(id, rating) {
  return request("POST", `${turnPath(id)}/feedback`, { body: { rating } });
}

/**
 * @param {[string, string]} turnIds
 * @param {ComparisonWinner} winner
 */
export function voteOnAnswers(turnIds, winner) {
  const path = `/api/comparisons/${turnIds.map(encodeURIComponent).join("/")}`;
  return request("PUT", path, { body: { winner } });
}

/** @param {string} id */
export function streamPath(id) {
  return `${turnPath(id)}/stream`;
}

export function getConsent() {
  return /** @type {Promise<ConsentState>} */ (request("GET", "/api/me/consent"));
}

/** @param {boolean} given Whether what this person writes may be exported. */
export function changeConsent(given) {
  const path = "/api/me/consent";
  return /** @type {Promise<ConsentState>} */ (request("PUT", path, { body: { given } }));
}

export async function listModels() {
  const page = /** @type {Page<ModelView>} */ (await request("GET", "/api/models"));
  return page.items;
}

export async function listViews() {
  const page = /** @type {Page<AnalyticsView>} */ (await request("GET", "/api/analytics/views"));
  return page.items;
}

/**
 * @param {string} name
 * @param {URLSearchParams} parameters
 * @param {AbortSignal} signal
 */
export function getRows(name, parameters, signal) {
  const path = `/api/analytics/views/${encodeURIComponent(name)}?${parameters}`;
  return /** @type {Promise<AnalyticsRows>} */ (request("GET", path, { signal }));
}

/** @param {string} name A view's. */
export function getDefinition(name) {
  const path = `/api/analytics/views/${encodeURIComponent(name)}/definition`;
  return /** @type {Promise<AnalyticsDefinition>} */ (request("GET", path));
}

/**
 * Repeats a request that may be repeated for as long as the server cannot be reached or says that it cannot answer
 * now, a few times.
 *
 * @template Result
 * @param {() => Promise<Result>} send
 * @returns {Promise<Result>}
 * @throws RequestError of the last try.
 */
export async function withRetries(send) {
  for (const delayMs of retryDelaysMs) {
    try {
      return await send();
    } catch (error) {
      if (!isTransient(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
  return await send();
}

/** @param {unknown} error What a person is told of it. */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {unknown} error Whether another try may succeed: the server is away, or says that it cannot answer now. */
export function isTransient(error) {
  return error instanceof RequestError && [0, 502, 503, 504].includes(error.status);
}

/** @param {unknown} error Whether what was asked for is not there, or not any more. */
export function isGone(error) {
  return error instanceof RequestError && error.status === 404;
}

/** @param {string} id */
function conversationPath(id) {
  return `/api/conversations/${encodeURIComponent(id)}`;
}

/** @param {string} id */
function turnPath(id) {
  return `/api/turns/${encodeURIComponent(id)}`;
}

/**
 * Sends one request.
 *
 * @param {string} method
 * @param {string} path
 * @param {{ body?: object, signal?: AbortSignal, keepalive?: boolean }} [options]
 * @returns {Promise<unknown>} The answer's JSON, undefined where it has none.
 */
export async function request(method, path, { body, signal, keepalive = false } = {}) {
  const timeout = AbortSignal.timeout(timeoutMs);
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      method,
      keepalive,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    if (response.ok) {
      const text = await response.text();
      return text === "" ? undefined : JSON.parse(text);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    const found = timeout.aborted ? `did not answer in ${timeoutMs / 1000} s` : "cannot be reached";
    throw new RequestError(`The server ${found}. Check that it runs, and try again.`, 0);
  }
  throw new RequestError(await problemOf(response), response.status);
}

/** @param {Response} response */
async function problemOf(response) {
  try {
    const problem = /** @type {Problem} */ (await response.json());
    const fields = (problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
    const detail = [problem.detail, ...fields].filter(Boolean).join(" ");
    if (detail !== "") return detail;
  } catch {
    // A proxy in between answers with a page of its own.
  }
  return `The server answered ${response.status} ${response.statusText}.`.replace(" .", ".");
}
