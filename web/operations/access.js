/** Whether the one in front of the page may operate. */
import { signal } from "@preact/signals";
import { messageOf, RequestError } from "../api.js";
import { beginSession, endSession, getAccess } from "./operations_api.js";

/** @import { OperatorSession } from "../../events/contract/operations.ts" */

/** Null until it is known. */
export const access = signal(/** @type {OperatorSession["access"] | null} */ (null));
export const accessError = signal(/** @type {string | null} */ (null));

export async function loadAccess() {
  try {
    access.value = await getAccess();
    accessError.value = null;
  } catch (error) {
    accessError.value = messageOf(error);
  }
}

/**
 * @param {string} token
 * @throws RequestError where it is not the token.
 */
export async function signIn(token) {
  await beginSession(token);
  await loadAccess();
}

export async function signOut() {
  await endSession();
  await loadAccess();
}

/**
 * Asks again who this is where a request was refused: a sign-in ends by itself.
 *
 * @param {unknown} error
 */
export function checkAccess(error) {
  if (error instanceof RequestError && error.status === 403) loadAccess();
}
