/** The names under which Turnlog appears inside Temporal, shared by those who start turns and those who answer them. */

export const taskQueue = "turnlog";
export const turnWorkflowType = "answerTurn";
export const stopSignal = "stop";
export const chooseModelSignal = "choose-model";
export const backtestWorkflowType = "backtest";
/** How far a backtest, or a retry of many turns, is. */
export const progressQuery = "progress";

/** @returns The id of the workflow that answers the turn: one turn, one workflow. */
export function turnWorkflowId(turnId: string): string {
  return `turn/${turnId}`;
}

/** The workflow that retries many failed turns. */
export const retryWorkflowType = "retryTurns";

/** @param retryId Made by whoever asks for it: one id, one retry. */
export function retryWorkflowId(retryId: string): string {
  return `retry/${retryId}`;
}

/** @returns The id of the workflow that runs the backtest. */
export function backtestWorkflowId(backtestId: string): string {
  return `backtest/${backtestId}`;
}

export const exportWorkflowType = "exportConversations";

/** @returns The id of the workflow that makes the export, and keeps its files. */
export function exportWorkflowId(exportId: string): string {
  return `export/${exportId}`;
}

/** The search attributes of a turn, all of Temporal's type Keyword, by which an operator filters in its UI. */
export const searchAttributes = [
  "ConversationId",
  "TurnId",
  "Model",
  "Provider",
  "Outcome",
  "Experiments",
  "Backtest",
] as const;

/** The workflow that changes the state of a server's models; its input is a `ModelServer`. */
export const manageModelWorkflowType = "manageModel";
/** Its update: a `ModelChangeRequest` that is answered with a `ModelChangeResult`. */
export const changeModelUpdate = "changeModel";

/** The workflow that puts unused servers to sleep: one for all of them, open while there are policies. */
export const sleepIdleModelsWorkflowType = "sleepIdleModels";
export const sleepIdleModelsWorkflowId = "models/idle-sleep";
/** Its signal: the list of `SleepPolicy` that hold from now on. */
export const sleepPoliciesSignal = "policies";
