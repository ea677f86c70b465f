/** The truth about a turn in words: who failed and why, and who answers instead. */
import { formatWait } from "../format.js";

/**
 * @import { AttemptView, TurnView } from "../../events/contract/api.ts"
 * @import { FailureClass } from "../../events/contract/failure.ts"
 *
 * `detail`: the failure in the server's words.
 * @typedef {{ key: string, text: string, detail: string }} Notice
 */

/** @type {Record<Exclude<FailureClass, "timed-out">, string>} */
const failures = {
  "rate-limited": "is rate limited",
  "overloaded": "is overloaded",
  "unreachable": "cannot be reached",
  "stalled": "fell silent",
  "cut-off": "was cut off",
  "asleep": "is asleep",
  "context-too-long": "cannot take a conversation of this length",
  "refused": "refused to answer",
  "bad-credentials": "does not accept the key",
  "bad-request": "did not accept the request",
  "interrupted": "was interrupted",
  "internal": "could not be asked, by a fault of Turnlog",
};

/**
 * One notice for each candidate that failed before another attempt, however often it was tried; at the end of a turn
 * that failed, the last failure is told elsewhere.
 *
 * @param {TurnView} turn
 * @returns {Notice[]}
 */
export function noticesOf(turn) {
  /** @type {Notice[]} */
  const notices = firstNotices(turn);
  let tries = 0;
  turn.attempts.forEach((attempt, index) => {
    const next = turn.attempts[index + 1];
    tries += 1;
    if (attempt.status !== "failed" || attempt.error === null) return;
    if (next === undefined && turn.status === "failed") return;
    if (next !== undefined && isSameFailure(attempt, next)) return;
    const times = tries === 1 ? "" : `, ${tries} times`;
    const what = `${attempt.model} ${whatHappened(attempt)}${times}`;
    const text = next === undefined ? what : `${what} · ${whatFollows(attempt, next)}`;
    notices.push({ key: `${attempt.attempt}`, text, detail: attempt.error.message });
    tries = 0;
  });
  return notices;
}

/**
 * A first attempt with a reason: the model before it was not even called, as it cooled down or did not wake up.
 *
 * @param {TurnView} turn
 * @returns {Notice[]}
 */
function firstNotices({ attempts: [first] }) {
  if (!first?.reason) return [];
  const { class: failureClass, message } = first.reason;
  const what = failureClass === "timed-out" ? "did not answer in time" : failures[failureClass];
  const text = `the first choice ${what} · ${whoAnswers(first.model, first)}`;
  return [{ key: "first", text, detail: message }];
}

/** @param {AttemptView} attempt */
function whatHappened({ error, durationMs }) {
  if (error === null) return "failed";
  if (error.class !== "timed-out") return failures[error.class];
  if (durationMs === null) return "did not answer in time";
  return `did not answer in ${formatWait(Math.round(durationMs / 1000) * 1000)}`;
}

/**
 * @param {AttemptView} failed
 * @param {AttemptView} next
 */
function whatFollows(failed, next) {
  const who = next.model === failed.model ? "it" : next.model;
  if (next.continues > 0) return `${who} continues`;
  if (next.model === failed.model) return "it is asked again";
  return whoAnswers(who, next);
}

/**
 * @param {string} who
 * @param {AttemptView} attempt
 */
function whoAnswers(who, { status }) {
  return status === "failed" ? `${who} was asked instead` : `${who} answers`;
}

/**
 * @param {AttemptView} a
 * @param {AttemptView} b
 */
function isSameFailure(a, b) {
  return a.model === b.model && b.status === "failed" && a.error?.class === b.error?.class;
}
