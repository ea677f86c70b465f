/** What operators see of turns: how they stand and what was tried, and nothing of what was written. */
import type { AttemptState, TurnState } from "../events/contract/conversation.ts";
import { turnWorkflowId } from "../events/contract/names.ts";
import type { OperationAttempt, OperationTurn } from "../events/contract/operations.ts";
import type { TemporalLinks } from "./temporal_links.ts";

export function viewOperationTurn(turn: TurnState, links: TemporalLinks): OperationTurn {
  const { turnId, conversationId, userKey, status, route, attempts, error, waiting, sentAt } = turn;
  const last = attempts.at(-1);
  const workflowId = turnWorkflowId(turnId);
  return {
    id: turnId,
    conversationId,
    userKey,
    status,
    route,
    model: last?.model ?? null,
    provider: last?.provider ?? null,
    attempts: attempts.length,
    error: error ?? waiting?.reason ?? null,
    sentAt,
    since: sinceOf(turn),
    nextTryAt: waiting?.until ?? null,
    workflowId,
    temporalUrl: links.run(workflowId),
  };
}

export function viewOperationAttempt(attempt: AttemptState): OperationAttempt {
  const { provider, model, requestModel, status, startedAt, endedAt, durationMs, error } = attempt;
  const number = attempt.attempt;
  return {
    attempt: number,
    provider,
    model,
    requestModel,
    status,
    startedAt,
    endedAt,
    durationMs,
    error,
  };
}

/** Since when the turn is as it is: waiting or running since its last attempt. */
function sinceOf({ attempts, endedAt, startedAt, sentAt }: TurnState): string {
  const last = attempts.at(-1);
  return endedAt ?? last?.endedAt ?? last?.startedAt ?? startedAt ?? sentAt;
}
