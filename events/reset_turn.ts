/**
 * Answers a failed turn once more, as Reset in the Temporal UI does: its run begins again with the plan that it had, all
 * candidates are called anew, and the answer comes in the user's conversation.
 */
import type { Client } from "@temporalio/client";
import { isGrpcServiceError } from "@temporalio/client";
import proto from "@temporalio/proto";
import { turnWorkflowId } from "./contract/names.ts";
import { stepEventId } from "./event_id.ts";

const { EventType, WorkflowExecutionStatus } = proto.temporal.api.enums.v1;
/** gRPC's status codes. */
const notFound = 5;

/** Before the first of these there is nothing to go back to. */
const taskEnds = [
  EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
];
/** The first task's end is among the first few events. */
const eventsMax = 100;

export type ResetResult =
  | { outcome: "reset"; runId: string }
  /** Why not: it runs, it ended well, Temporal keeps no run of it, or no worker has ever seen it. */
  | { outcome: "running" | "ended" | "unknown" | "unstarted" };

/**
 * Resets the turn's last run, if it has failed, was terminated or timed out. Safe to repeat: one run is reset once.
 *
 * The run goes back to the end of its first workflow task, since only there the plan's whole patience is ahead: all
 * retries of all candidates, and all of the time for which the turn may wait.
 *
 * @param reason What the Temporal UI shows as the reason.
 */
export async function resetTurn(
  client: Client,
  turnId: string,
  reason: string,
): Promise<ResetResult> {
  const workflowId = turnWorkflowId(turnId);
  const run = await lastRun(client, workflowId);
  if (run === null) return { outcome: "unknown" };
  switch (run.status) {
    case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING:
      return { outcome: "running" };
    case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED:
      return { outcome: "ended" };
  }
  const eventId = await firstTaskEnd(client, workflowId, run.runId);
  if (eventId === null) return { outcome: "unstarted" };
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId: run.runId },
    workflowTaskFinishEventId: eventId,
    // Temporal answers a repeated request with the run that the first one made.
    requestId: stepEventId(workflowId, run.runId, "reset"),
    reason,
  });
  return { outcome: "reset", runId: runId! };
}

export interface Run {
  runId: string;
  status: proto.temporal.api.enums.v1.WorkflowExecutionStatus;
  /** As the Temporal UI has it: `RUNNING`, `FAILED`, … */
  statusName: string;
}

/** @returns Null where Temporal keeps none. */
export async function lastRun(client: Client, workflowId: string): Promise<Run | null> {
  try {
    const { workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution({
      namespace: client.options.namespace,
      execution: { workflowId },
    });
    const { execution, status } = workflowExecutionInfo!;
    const statusName = WorkflowExecutionStatus[status!].replace("WORKFLOW_EXECUTION_STATUS_", "");
    return { runId: execution!.runId!, status: status!, statusName };
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === notFound) return null;
    throw error;
  }
}

async function firstTaskEnd(client: Client, workflowId: string, runId: string) {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: eventsMax,
  });
  const events = history?.events ?? [];
  // A task that failed is no end of the first one where it was done again, as it is after each reset.
  const completed = events.find(({ eventType }) => eventType === taskEnds[0]);
  const ended = completed ?? events.find(({ eventType }) => taskEnds.includes(eventType!));
  return ended?.eventId ?? null;
}
