/** What clients see of conversations and turns: their states without what is internal. */
import type {
  AttemptView,
  ConversationDetail,
  ConversationView,
  TurnView,
} from "../events/contract/api.ts";
import type {
  AttemptState,
  ConversationState,
  TurnState,
} from "../events/contract/conversation.ts";
import { knownAttemptCost, knownTurnCost } from "../events/contract/known_cost.ts";

export function viewConversation(conversation: ConversationState): ConversationView {
  const { conversationId, title, createdAt, updatedAt } = conversation;
  return { id: conversationId, title, createdAt, updatedAt };
}

export function viewConversationDetail(
  conversation: ConversationState,
  turns: readonly TurnState[],
): ConversationDetail {
  return {
    ...viewConversation(conversation),
    turns: turns.map(viewTurn),
    comparisons: turns.flatMap(({ comparisons = [] }) => comparisons),
  };
}

export function viewTurn(turn: TurnState): TurnView {
  const {
    turnId,
    attempts,
    tenant: _t,
    userKey: _u,
    requestHash: _h,
    request: _r,
    comparisons: _c,
    position: _p,
    backtest: _b,
    ...view
  } = turn;
  return {
    id: turnId,
    ...view,
    attempts: attempts.map(viewAttempt),
    costUsd: knownTurnCost(turn),
  };
}

function viewAttempt(attempt: AttemptState): AttemptView {
  const { startEventId: _s, endpoint: _e, lastSequence: _l, ...view } = attempt;
  return { ...view, costUsd: knownAttemptCost(attempt) };
}
