/** What the activities share when they state events of a turn. */
import { Context } from "@temporalio/activity";
import type { EventSubject } from "../events/contract/event.ts";
import { stepEventId } from "../events/event_id.ts";

export const eventSource = "turnlog/workflows";

/** Whose fact it is: the parts of a turn, or of another event of it, that every event of the turn repeats. */
export function subjectOf(turn: Omit<EventSubject, "attempt">, attempt?: number): EventSubject {
  const { tenant, userKey, conversationId, turnId, variants, backtest } = turn;
  return {
    tenant,
    userKey,
    conversationId,
    turnId,
    ...(attempt !== undefined && { attempt }),
    ...(variants && Object.keys(variants).length > 0 && { variants }),
    ...(backtest && { backtest }),
  };
}

/**
 * The id of an event that the current activity states once, however often it is executed.
 *
 * @param fact Tells the events of one activity apart.
 */
export function activityEventId(fact: string): string {
  const { workflowExecution, activityId } = Context.current().info;
  if (workflowExecution === undefined) throw new TypeError("Cannot run outside of a workflow");
  const { workflowId, runId } = workflowExecution;
  return stepEventId(workflowId, runId, `${activityId}/${fact}`);
}

/** The same for an event that each execution of the activity states anew. */
export function executionEventId(fact: string): string {
  return idOfExecution(Context.current().info.attempt, fact);
}

/** @returns The ids under which the executions before this one have stated it. */
export function earlierEventIds(fact: string): string[] {
  const { attempt } = Context.current().info;
  return Array.from({ length: attempt - 1 }, (_, index) => idOfExecution(index + 1, fact));
}

function idOfExecution(execution: number, fact: string): string {
  return activityEventId(`${execution}/${fact}`);
}

/** @returns The id under which an api process has stated it, which made the turn's first call. */
export function firstCallEventId(fact: string): string {
  const { workflowExecution } = Context.current().info;
  if (workflowExecution === undefined) throw new TypeError("Cannot run outside of a workflow");
  return firstCallStepId(workflowExecution.workflowId, workflowExecution.runId, fact);
}

/** The same outside of an activity. */
export function firstCallStepId(workflowId: string, runId: string, fact: string): string {
  return stepEventId(workflowId, runId, `first-call/${fact}`);
}
