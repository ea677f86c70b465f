/** The activities of `retryTurns`. Each may be executed again after a crash; each turn is reset once all the same. */
import { ApplicationFailure, Context } from "@temporalio/activity";
import type { Client } from "@temporalio/client";
import { createSystemEvent } from "../events/contract/event.ts";
import type { RetryPlan, RetryRequest } from "../events/contract/operations.ts";
import { resetTurn } from "../events/reset_turn.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { activityEventId, eventSource } from "./turn_events.ts";

/** How often a run that is about to end is looked at again. */
const endingRunExecutionsMax = 3;

export interface RetryTurnInput {
  turnId: string;
  retryId: string;
  operator: RetryPlan["operator"];
}

export type OperationActivities = ReturnType<typeof createOperationActivities>;

export function createOperationActivities(
  { store, client }: { store: EventStore; client: Client },
) {
  return {
    /** @returns The failed turns, those that were sent first first. */
    async findFailedTurns(request: RetryRequest): Promise<string[]> {
      const { from, to, ...filter } = request;
      const { items } = await store.operationTurns({
        ...filter,
        status: "failed",
        endedFrom: inFull(from),
        endedBefore: inFull(to),
        order: "oldest-first",
      });
      return items.map(({ turnId }) => turnId);
    },

    /** @returns Whether the turn is being, or has been, answered once more. */
    async retryTurn({ turnId, retryId, operator }: RetryTurnInput): Promise<boolean> {
      await store.append([createSystemEvent({
        id: activityEventId("requested"),
        source: eventSource,
        type: "operation.requested",
        subject: `turn/${turnId}`,
        data: { action: "retry-turn", ...operator, turnId, retryId },
      })]);
      const { outcome } = await resetTurn(client, turnId, `Retried with retry/${retryId}`);
      // It ended well, or runs: another operator was quicker, or the worker that has reset it died before it told.
      if (outcome === "reset" || outcome === "ended") return true;
      if (outcome !== "running") return false;
      const turn = await store.turn(turnId);
      if (turn?.status === "failed" && Context.current().info.attempt < endingRunExecutionsMax) {
        throw ApplicationFailure.retryable(
          "Its run has stated that it failed, but has not ended yet",
        );
      }
      return true;
    },
  };
}

/** With milliseconds, as the store compares times. */
function inFull(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
