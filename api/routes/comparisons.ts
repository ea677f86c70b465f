/** Comparisons: which of two answers to one message a user finds better. */
import { createRoute } from "@hono/zod-openapi";
import {
  comparedTurns,
  type Comparison,
  type ComparisonWinner,
  isSameComparison,
} from "../../events/contract/comparison.ts";
import type { TurnState } from "../../events/contract/conversation.ts";
import { createEvent } from "../../events/contract/event.ts";
import { newEventId } from "../../events/event_id.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { findTurn } from "../access.ts";
import { ProblemError } from "../problem.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import * as schemas from "../schemas.ts";

const vote = createRoute({
  method: "put",
  path: "/api/comparisons/{firstTurnId}/{secondTurnId}",
  tags: ["Turns"],
  summary: "Say which of two answers to one message is better",
  description:
    "Both turns must have been completed, and one must be a regeneration of the other or both of a third. A later vote " +
    "on the same two, in either order, replaces this one; the same vote again changes nothing.",
  request: { params: schemas.comparisonParams, ...jsonBody(schemas.vote) },
  responses: { 200: jsonAnswer(schemas.comparison, "The vote as it is kept"), ...problemAnswers },
});

export function comparisonRoutes({ store }: { store: EventStore }) {
  return createRouter().openapi(vote, async (context) => {
    const { firstTurnId, secondTurnId } = context.req.valid("param");
    const { winner } = context.req.valid("json");
    const userKey = context.get("userKey");
    const turnIds = comparedTurns(firstTurnId, secondTurnId);
    const first = await findTurn(store, turnIds[0], userKey);
    const second = await findTurn(store, turnIds[1], userKey);
    requireComparable(first, second);
    const comparison: Comparison = {
      turnIds,
      models: [modelOf(first), modelOf(second)],
      winner: turnIds[0] === firstTurnId ? winner : reversed[winner],
    };
    await store.updateTurn(first.turnId, (turn) => {
      const before = turn?.comparisons?.find((other) => isSameComparison(other, comparison));
      return before?.winner === comparison.winner ? [] : [voteEvent(first, comparison)];
    });
    return context.json(comparison, 200);
  });
}

/** Who wins where the same two turns are named the other way round. */
const reversed: Record<ComparisonWinner, ComparisonWinner> = {
  first: "second",
  second: "first",
  tie: "tie",
  neither: "neither",
};

function voteEvent(
  { tenant, userKey, conversationId, turnId, variants }: TurnState,
  data: Comparison,
) {
  return createEvent({
    id: newEventId(),
    source: "turnlog/api",
    type: "comparison.voted",
    subject: { tenant, userKey, conversationId, turnId, variants },
    data,
  });
}

/** @throws ProblemError where the turns are no two complete answers to one message. */
function requireComparable(first: TurnState, second: TurnState): void {
  if (first.turnId === second.turnId) {
    throw new ProblemError(
      "not-comparable",
      `Turn ${first.turnId} cannot be compared with itself. Name two answers to one message`,
    );
  }
  // Siblings of the same words answer the same message, whichever of them was regenerated from which.
  const answerTheSame = first.conversationId === second.conversationId &&
    first.parentTurnId === second.parentTurnId && first.message === second.message;
  if (!answerTheSame) {
    throw new ProblemError(
      "not-comparable",
      `Turns ${first.turnId} and ${second.turnId} do not answer the same message. ` +
        "Compare a turn with one that was regenerated from it",
    );
  }
  const open = [first, second].find(({ status }) => status !== "completed");
  if (open !== undefined) {
    throw new ProblemError(
      "not-comparable",
      `Turn ${open.turnId} is ${open.status}. Only complete answers are compared`,
    );
  }
}

/** @returns The model that ended the answer of a completed turn. */
function modelOf({ attempts }: TurnState): string {
  return attempts.at(-1)!.model;
}
