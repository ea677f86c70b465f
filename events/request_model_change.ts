/** Asks for a change of a server's models: durably, through the workflow that makes one at a time. */
import {
  type Client,
  WithStartWorkflowOperation,
  type WorkflowUpdateHandle,
} from "@temporalio/client";
import {
  type ModelChangeRequest,
  type ModelChangeResult,
  type ModelServer,
} from "./contract/model_change.ts";
import { changeModelUpdate, manageModelWorkflowType, taskQueue } from "./contract/names.ts";
import { modelWorkflowId } from "./model_workflow_id.ts";

/**
 * Resolves when a worker has taken the request: from then on it is carried out, whatever becomes of the caller. The
 * same change of the same server, asked for again meanwhile, is the same change.
 *
 * @returns What tells how it ended.
 */
export function requestModelChange(
  client: Client,
  server: ModelServer,
  request: ModelChangeRequest,
): Promise<WorkflowUpdateHandle<ModelChangeResult>> {
  return client.workflow.startUpdateWithStart<
    (input: { server: ModelServer }) => Promise<void>,
    ModelChangeResult,
    [ModelChangeRequest]
  >(changeModelUpdate, {
    args: [request],
    waitForStage: "ACCEPTED",
    startWorkflowOperation: new WithStartWorkflowOperation(manageModelWorkflowType, {
      workflowId: modelWorkflowId(server),
      workflowIdConflictPolicy: "USE_EXISTING",
      taskQueue,
      args: [{ server }],
    }),
  });
}
