/** Errors in Anthropic's shape. */
import type { ProgramError } from "../program_error.ts";

export function anthropicError({ status, message }: ProgramError) {
  return { type: "error", error: { type: typeOf(status), message } };
}

function typeOf(status: number): string {
  return types[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
}

const types: Record<number, string> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};
