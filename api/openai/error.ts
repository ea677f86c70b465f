/** Errors in OpenAI's shape. */
import type { ProgramError } from "../program_error.ts";

export function openAiError({ status, code, message, param }: ProgramError) {
  return { error: { message, type: typeOf(status), param, code } };
}

function typeOf(status: number): string {
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
