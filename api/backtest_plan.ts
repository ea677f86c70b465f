/** Makes the plan of a backtest from what an operator asks for. Pure: it decides by what it is given. */
import type { BacktestPlan } from "../events/contract/backtest.ts";
import type { NewBacktest } from "./backtest_schemas.ts";
import { readMoment } from "./moment.ts";
import type { Planned } from "./planner.ts";
import { ProblemError } from "./problem.ts";

/** How long a turn of a backtest may wait for a provider, whatever its route says: nobody waits for its answer. */
const waitMsMax = 3_600_000;

/**
 * @param planned How the route or model that is asked for answers.
 * @throws ProblemError where the range of time is none.
 */
export function planBacktest(
  id: string,
  request: NewBacktest,
  planned: Planned,
  now: Date = new Date(),
): BacktestPlan {
  const from = readMoment(request.from, now)!;
  const to = request.to === undefined ? now : readMoment(request.to, now)!;
  if (from >= to) {
    throw new ProblemError("invalid-request", "from: must be before to", {
      errors: [{ path: "from", message: "must be before to" }],
    });
  }
  // What cools down now says nothing about when the turns will run.
  const { passedOver: _, ...answering } = planned;
  const { onlyRoute, onlyModel, onlyConversation, share, limit } = request;
  return {
    id,
    selection: {
      from: from.toISOString(),
      to: to.toISOString(),
      ...(onlyRoute !== undefined && { route: onlyRoute }),
      ...(onlyModel !== undefined && { lastModel: onlyModel }),
      ...(onlyConversation !== undefined && { conversationId: onlyConversation }),
      share,
      limit,
    },
    turn: {
      route: request.model,
      ...answering,
      ...(request.systemPrompt !== undefined && { systemPrompt: request.systemPrompt }),
      waitMs: Math.min(planned.waitMs, waitMsMax),
      parameters: request.parameters ?? {},
      variants: {},
    },
    rate: { turnsPerMinute: request.turnsPerMinute, concurrency: request.concurrency },
  };
}
