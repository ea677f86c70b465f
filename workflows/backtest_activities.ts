/** The activities of `backtest`. They pass ids and no text, and each may be executed again. */
import {
  type BacktestOutcome,
  type BacktestSelection,
  backtestTurnId,
  backtestUserKey,
} from "../events/contract/backtest.ts";
import { isEnded } from "../events/contract/conversation.ts";
import { createEvent, type EventOf } from "../events/contract/event.ts";
import { backtestWorkflowId } from "../events/contract/names.ts";
import { stepEventId } from "../events/event_id.ts";
import type { TurnIdPage } from "../events/store/event_store.ts";
import { countTurns, selectTurns } from "./backtest_selection.ts";
import type { Dependencies } from "./dependencies.ts";
import { eventSource } from "./turn_events.ts";

export interface SelectInput {
  selection: BacktestSelection;
  cursor?: string;
  limit: number;
}

export interface BeginInput {
  backtestId: string;
  /** The user's turn. */
  turnId: string;
  /** The route or model that answers it now. */
  route: string;
}

/** A turn that has begun has a message to be answered; all others have an outcome already. */
export type BegunTurn =
  | { type: "begun"; message: EventOf<"message.sent"> }
  | { type: "ended"; outcome: BacktestOutcome };

export type BacktestActivities = ReturnType<typeof createBacktestActivities>;

export function createBacktestActivities({ store }: Pick<Dependencies, "store">) {
  return {
    countBacktestTurns: (selection: BacktestSelection): Promise<number> =>
      countTurns(store, selection),

    selectBacktestTurns: ({ selection, ...page }: SelectInput): Promise<TurnIdPage> =>
      selectTurns(store, selection, page),

    /** States that the turn is answered again, unless its user has deleted it, or an earlier run has answered it. */
    async beginBacktestTurn({ backtestId, turnId, route }: BeginInput): Promise<BegunTurn> {
      const original = await store.turn(turnId);
      const conversation = original && await store.conversation(original.conversationId);
      if (!conversation || conversation.deleted) return { type: "ended", outcome: "skipped" };

      const id = backtestTurnId(backtestId, turnId);
      const known = await store.turn(id);
      if (known && isEnded(known)) {
        return { type: "ended", outcome: known.status as BacktestOutcome };
      }
      const message = createEvent({
        // The same in every run of the backtest.
        id: stepEventId(backtestWorkflowId(backtestId), turnId, "message"),
        source: eventSource,
        type: "message.sent",
        subject: {
          tenant: original.tenant,
          userKey: backtestUserKey,
          conversationId: id,
          turnId: id,
          backtest: { id: backtestId, turnId },
        },
        // The text and the history are the original's (`turn_path.ts`); no client has sent a request that could be repeated.
        data: { text: "", parentTurnId: null, route, requestHash: "" },
      });
      await store.append([message]);
      return { type: "begun", message };
    },
  };
}
