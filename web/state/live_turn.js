/**
 * The facts of a turn while it is followed: folds the parts of its stream into what `GET /api/turns/:id` would say.
 * The text is folded apart from it (`applyPart` in the contract), because it changes with every frame.
 */
import { noUsage } from "../../events/contract/usage.ts";

/**
 * @import { AttemptView, TurnView } from "../../events/contract/api.ts"
 * @import { StreamPart } from "../../events/contract/stream_part.ts"
 */

/**
 * @param {TurnView} turn
 * @param {StreamPart} part
 * @param {string} now ISO 8601: a stream carries no times.
 * @returns {TurnView} The same object where the part changes no fact.
 */
export function applyPartToTurn(turn, part, now) {
  switch (part.type) {
    case "attempt-start": {
      const attempts = turn.attempts.some(({ attempt }) => attempt === part.attempt)
        ? turn.attempts
        : [...turn.attempts, startedAttempt(part, now)];
      return { ...turn, attempts, status: "running", error: null, waiting: null, endedAt: null };
    }
    case "attempt-end":
      return {
        ...turn,
        attempts: turn.attempts.map((attempt) =>
          attempt.attempt !== part.attempt || attempt.status !== "running"
            ? attempt
            : endedAttempt(attempt, part, now)
        ),
      };
    case "waiting":
      return { ...turn, status: "waiting", waiting: { until: part.until, reason: part.reason } };
    case "end":
      return {
        ...turn,
        status: part.status,
        usage: part.usage,
        costUsd: part.costUsd,
        finishReason: part.finishReason,
        error: part.error ?? null,
        waiting: null,
        endedAt: turn.endedAt ?? now,
      };
    case "start":
    case "text-delta":
    case "reasoning-delta":
    case "tool-call-delta":
      return turn;
  }
}

/**
 * A turn as it is before the server has said anything of it.
 *
 * @param {Pick<TurnView, "id" | "conversationId" | "parentTurnId" | "regeneratedFrom" | "route" | "message">} asked
 * @param {string} now
 * @returns {TurnView}
 */
export function askedTurn(asked, now) {
  return {
    ...asked,
    variants: {},
    attempts: [],
    status: "accepted",
    text: "",
    reasoning: "",
    usage: noUsage,
    costUsd: 0,
    finishReason: null,
    error: null,
    waiting: null,
    feedback: { rating: null, comment: null },
    sentAt: now,
    startedAt: null,
    endedAt: null,
    durationMs: null,
  };
}

/**
 * @param {TurnView} turn
 * @returns {number[]} Lengths of the answer at which an attempt continued an earlier one.
 */
export function seamsOf({ attempts }) {
  return attempts.reduce(
    (seams, { continues }) =>
      continues === 0 ? [] : [...seams.filter((seam) => seam < continues), continues],
    /** @type {number[]} */ ([]),
  );
}

/**
 * @param {Extract<StreamPart, { type: "attempt-start" }>} part
 * @param {string} now
 * @returns {AttemptView}
 */
function startedAttempt(part, now) {
  return {
    attempt: part.attempt,
    provider: part.provider,
    model: part.model,
    requestModel: part.model,
    responseModel: null,
    status: "running",
    isFallback: false,
    reason: part.reason ?? null,
    continues: part.continues ?? 0,
    text: "",
    reasoning: "",
    startedAt: now,
    endedAt: null,
    timeToFirstTokenMs: null,
    durationMs: null,
    usage: noUsage,
    // The stream does not tell it; the turn does, once it is fetched.
    costUsd: null,
    finishReason: null,
    error: null,
  };
}

/**
 * @param {AttemptView} attempt
 * @param {Extract<StreamPart, { type: "attempt-end" }>} part
 * @param {string} now
 * @returns {AttemptView}
 */
function endedAttempt(attempt, part, now) {
  return {
    ...attempt,
    status: part.outcome,
    error: part.error ?? null,
    endedAt: now,
    durationMs: Date.parse(now) - Date.parse(attempt.startedAt),
  };
}
