/** Why turns failed or wait, in words. */

/** @import { FailureClass } from "../../events/contract/failure.ts" */

/** @type {Record<FailureClass, string>} */
const reasons = {
  "rate-limited": "Rate limited",
  "overloaded": "Overloaded",
  "unreachable": "Not reachable",
  "timed-out": "No answer in time",
  "stalled": "Fell silent",
  "cut-off": "Cut off",
  "asleep": "Fell asleep",
  "context-too-long": "Conversation too long",
  "refused": "Refused",
  "bad-credentials": "Key not accepted",
  "bad-request": "Request not accepted",
  "interrupted": "Interrupted",
  "internal": "Fault of Turnlog",
};

/** @param {string} errorClass One that a newer server knows is shown as it is. */
export function reasonWords(errorClass) {
  return reasons[/** @type {FailureClass} */ (errorClass)] ?? errorClass;
}
