/** Errors of the API for programs, before they take OpenAI's or Anthropic's shape. */
import type { Failure, FailureClass } from "../events/contract/failure.ts";
import { type ProblemKind, problemOf } from "./problem.ts";
import { AnswerReplacedError } from "./sent_answer.ts";

export interface ProgramError {
  status: number;
  code: string;
  message: string;
  /** The field that was wrong. */
  param: string | null;
  /** When it is worth to try again. */
  retryAfterMs?: number;
  /** Whether the turn has been tried as often as its route says: clients, which try again by themselves, then should not. */
  isFinal?: boolean;
}

/** A turn that has failed: nobody whom it asked gave an answer. */
export class TurnFailedError extends Error {
  override name = "TurnFailedError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** @returns What a program is told of any error. */
export function programErrorOf(error: unknown): ProgramError {
  if (error instanceof TurnFailedError) return describeFailure(error.failure);
  if (error instanceof AnswerReplacedError) {
    return {
      status: 502,
      code: "answer_replaced",
      message: error.message,
      param: null,
      isFinal: true,
    };
  }
  const { kind, status, detail, errors } = problemOf(error);
  return {
    status,
    code: kind.replaceAll("-", "_"),
    message: detail,
    ...inTheirWords[kind],
    param: errors?.[0]?.path ?? null,
  };
}

/** Where the clients of others know an error by another status, code or cause than Turnlog's own. */
const inTheirWords: {
  [Kind in ProblemKind]?: { status: number; code: string; message?: string };
} = {
  "invalid-request": { status: 400, code: "invalid_request" },
  "unauthorized": { status: 401, code: "invalid_api_key" },
  "unknown-model": { status: 404, code: "model_not_found" },
  "model-unavailable": { status: 503, code: "model_unavailable" },
  "turn-conflict": {
    status: 409,
    code: "idempotency_key_reused",
    message:
      "This Idempotency-Key came with another request before. Make a new one for each request",
  },
};

/** The caller's fault has a status of 400; that of a provider one that clients try again. */
const statuses: Record<FailureClass, number> = {
  "rate-limited": 429,
  "overloaded": 503,
  "unreachable": 503,
  "interrupted": 503,
  "timed-out": 504,
  "stalled": 504,
  "cut-off": 502,
  "asleep": 503,
  // Turnlog's own key: the caller's is not what is wrong.
  "bad-credentials": 502,
  "context-too-long": 400,
  "refused": 400,
  "bad-request": 400,
  "internal": 500,
};

const codes: { [Class in FailureClass]?: string } = {
  "rate-limited": "rate_limit_exceeded",
  "context-too-long": "context_length_exceeded",
  "refused": "content_policy_violation",
  "bad-credentials": "provider_bad_credentials",
};

function describeFailure({ class: failureClass, message, retryAfterMs }: Failure): ProgramError {
  return {
    status: statuses[failureClass],
    code: codes[failureClass] ?? failureClass.replaceAll("-", "_"),
    message,
    param: null,
    ...(retryAfterMs === undefined ? { isFinal: true } : { retryAfterMs }),
  };
}
