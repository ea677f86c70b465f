/** Sorts an HTTP error of a provider into a failure class: the part that all HTTP APIs of models have in common. */
import type { Failure, FailureClass } from "../../events/contract/failure.ts";
import { failureMessage } from "./failure_message.ts";

/**
 * @param provider Its name in `turnlog.yaml`.
 * @param status The answer's status.
 * @param headers For `Retry-After`.
 * @param message What the provider says, as it came.
 * @param specific The class, where the provider's own error code tells more than the status.
 */
export function mapHttpFailure({ provider, status, headers, message, specific }: {
  provider: string;
  status: number;
  headers: Headers | undefined;
  message: string;
  specific?: FailureClass;
}): Failure {
  const retryAfterMs = readRetryAfterMs(headers);
  const failureClass = specific ?? classOfStatus(status);
  return {
    class: failureClass,
    message: failureMessage({ class: failureClass, provider, status, message }),
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function classOfStatus(status: number): FailureClass {
  switch (status) {
    case 401:
    case 402:
    case 403:
      return "bad-credentials";
    case 408:
    case 504:
      return "timed-out";
    case 413:
      return "context-too-long";
    case 429:
      return "rate-limited";
    default:
      return status >= 500 ? "overloaded" : "bad-request";
  }
}

/** Reads `Retry-After-Ms`, or `Retry-After` as seconds or as a date (RFC 9110). */
export function readRetryAfterMs(
  headers: Headers | undefined,
  now: number = Date.now(),
): number | undefined {
  const milliseconds = Number(headers?.get("retry-after-ms") ?? NaN);
  if (milliseconds >= 0) return milliseconds;
  const text = headers?.get("retry-after");
  if (!text) return undefined;
  const delayMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(delayMs) ? undefined : Math.max(0, delayMs);
}

/** Servers without a code of their own for it say it in words like these. */
export function isContextTooLong(message: string): boolean {
  return /context (size|window|length|limit)|prompt is too long|max_model_len/i.test(message);
}
