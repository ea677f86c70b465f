/** Asks Temporal something in the time that a request has. */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { ProblemError } from "./problem.ts";

/** How long a request waits for Temporal: longer than its server takes to come back. */
const timeoutMs = 10_000;

/**
 * @param wayOut What whoever asked is told where Temporal does not answer.
 * @throws ProblemError then; what Temporal says of a workflow is thrown as it is.
 */
export async function askTemporal<Result>(
  client: Client,
  wayOut: string,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await client.withDeadline(Date.now() + timeoutMs, call);
  } catch (error) {
    if (
      error instanceof WorkflowExecutionAlreadyStartedError ||
      error instanceof WorkflowNotFoundError
    ) throw error;
    throw new ProblemError("temporal-unavailable", wayOut, { cause: error });
  }
}
