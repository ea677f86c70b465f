/** The names under which Turnlog appears inside Temporal, shared by those who start turns and those who answer them. */

export const taskQueue = "turnlog";
export const turnWorkflowType = "answerTurn";
export const stopSignal = "stop";

/** @returns The id of the workflow that answers the turn: one turn, one workflow. */
export function turnWorkflowId(turnId: string): string {
  return `turn/${turnId}`;
}

/** The search attributes of a turn, all of Temporal's type Keyword, by which an operator filters in its UI. */
export const searchAttributes = [
  "ConversationId",
  "TurnId",
  "Model",
  "Provider",
  "Outcome",
  "Experiments",
] as const;
