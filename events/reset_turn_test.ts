import type { Client } from "@temporalio/client";
import proto from "@temporalio/proto";
import assert from "node:assert/strict";
import { resetTurn } from "./reset_turn.ts";

const { EventType, WorkflowExecutionStatus } = proto.temporal.api.enums.v1;
const scheduled = EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED;
const completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED;
const failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED;

type Status = keyof typeof WorkflowExecutionStatus;

/** Temporal with one run, whose events have these types. */
function temporal(status: Status, events: number[]) {
  const resets: { workflowTaskFinishEventId: number; requestId: string }[] = [];
  const client = {
    options: { namespace: "default" },
    workflowService: {
      describeWorkflowExecution: () =>
        Promise.resolve({
          workflowExecutionInfo: {
            execution: { runId: "run" },
            status: WorkflowExecutionStatus[status],
          },
        }),
      getWorkflowExecutionHistory: () =>
        Promise.resolve({
          history: {
            events: events.map((eventType, index) => ({ eventType, eventId: index + 1 })),
          },
        }),
      resetWorkflowExecution: (request: typeof resets[number]) => {
        resets.push(request);
        return Promise.resolve({ runId: "next" });
      },
    },
  } as unknown as Client;
  return { client, resets };
}

Deno.test("a failed run goes back to the end of its first task, so that all candidates are called again", async () => {
  const { client, resets } = temporal("WORKFLOW_EXECUTION_STATUS_FAILED", [
    scheduled,
    failed,
    scheduled,
    completed,
    scheduled,
    completed,
  ]);
  assert.deepEqual(await resetTurn(client, "t", "why"), { outcome: "reset", runId: "next" });
  assert.equal(resets[0].workflowTaskFinishEventId, 4);
});

Deno.test("the same run is reset by the same request, whoever asks how often", async () => {
  const { client, resets } = temporal("WORKFLOW_EXECUTION_STATUS_FAILED", [completed]);
  await resetTurn(client, "t", "one");
  await resetTurn(client, "t", "two");
  assert.equal(resets[0].requestId, resets[1].requestId);
});

Deno.test("a run whose tasks all failed goes back to the first of them", async () => {
  const { client, resets } = temporal("WORKFLOW_EXECUTION_STATUS_TERMINATED", [scheduled, failed]);
  await resetTurn(client, "t", "why");
  assert.equal(resets[0].workflowTaskFinishEventId, 2);
});

Deno.test("what runs, ended well, or never began is not reset", async () => {
  const cases: [Status, number[], string][] = [
    ["WORKFLOW_EXECUTION_STATUS_RUNNING", [completed], "running"],
    ["WORKFLOW_EXECUTION_STATUS_COMPLETED", [completed], "ended"],
    ["WORKFLOW_EXECUTION_STATUS_TERMINATED", [scheduled], "unstarted"],
  ];
  for (const [status, events, outcome] of cases) {
    const { client, resets } = temporal(status, events);
    assert.deepEqual(await resetTurn(client, "t", "why"), { outcome });
    assert.deepEqual(resets, []);
  }
});
