/**
 * How failures leave workflow code: with message and stack in a payload where the worker encrypts payloads, plain where it
 * does not. Part of the workflow bundle, so that one bundle serves both; the worker says which it is.
 */
import { DefaultFailureConverter } from "@temporalio/common";

declare global {
  var turnlogEncryptsPayloads: boolean | undefined;
}

export const failureConverter = new DefaultFailureConverter({
  encodeCommonAttributes: globalThis.turnlogEncryptsPayloads === true,
});

/** To be put before the code of a bundle whose failures are to be encrypted; without a line's end, for its source map. */
export const encryptingPrefix = "globalThis.turnlogEncryptsPayloads=true;";
