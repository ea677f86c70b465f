/** What is told to whoever asks ClickHouse while it does not answer. */
import { ProblemError } from "../problem.ts";

/** @param cause For the log; undefined where it is known from the request before. */
export function analyticsUnavailable(cause: unknown): ProblemError {
  return new ProblemError(
    "analytics-unavailable",
    "ClickHouse does not answer. The events are kept and will be there when it is back; try again in a moment",
    { cause },
  );
}
