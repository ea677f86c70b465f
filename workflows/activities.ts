/** The activities of `answerTurn`. Each may be executed again after a crash; each states its events once all the same. */
import { isEnded, type TurnState } from "../events/contract/conversation.ts";
import { createEvent, type EventOf } from "../events/contract/event.ts";
import type { Failure } from "../events/contract/failure.ts";
import { endPart } from "../events/contract/stream_part.ts";
import type { Candidate, PlannedExposure, TurnPlan } from "../events/contract/turn_plan.ts";
import type { CallModelInput, FirstCallResult } from "./attempt.ts";
import { createBacktestActivities } from "./backtest_activities.ts";
import { callModel } from "./call_model.ts";
import type { Dependencies } from "./dependencies.ts";
import { exposureEvents } from "./exposure_events.ts";
import { closeOpenAttempt } from "./interrupted_attempt.ts";
import { turnEndEvent, type TurnOutcome } from "./turn_end.ts";
import { activityEventId, eventSource, subjectOf } from "./turn_events.ts";

export interface WaitInput {
  turnId: string;
  until: string;
  reason: Failure;
}

export interface RerouteInput {
  turnId: string;
  route: string;
  candidates: string[];
}

/** How a turn ends: the workflow's decision, without any text. */
export type EndInput =
  /** The message, as a turn may be stopped before anything of it was stored; a local activity's input is not recorded. */
  & { message: EventOf<"message.sent"> }
  /** Who was asked last: an attempt that nobody has ended is paid for all the same. */
  & { candidate?: Candidate }
  /** What the turn came to act in, although it may have called nobody. */
  & { exposures?: PlannedExposure[] }
  & TurnOutcome;

export type Activities = ReturnType<typeof createActivities>;

export function createActivities(dependencies: Dependencies) {
  const { store, publisher } = dependencies;

  return {
    ...createBacktestActivities(dependencies),

    /** Stores the message, if the api died between the start of the workflow and that. */
    storeMessage: ({ message }: TurnPlan): Promise<void> => store.append([message]),

    callModel: (input: CallModelInput) => callModel(dependencies, input),

    /** Only the api makes first calls: here there is none to finish. */
    finishFirstCall: (_input: CallModelInput): Promise<FirstCallResult> =>
      Promise.resolve("elsewhere"),

    /** States that the turn waits for a provider. */
    async waitTurn({ turnId, until, reason }: WaitInput): Promise<void> {
      const id = activityEventId("waiting");
      const turn = await store.updateTurn(turnId, (turn) => {
        if (turn === null || isEnded(turn)) return [];
        const subject = subjectOf(turn);
        const data = { until, reason };
        return [createEvent({ id, source: eventSource, type: "turn.waiting", subject, data })];
      });
      if (turn?.status !== "waiting") return;
      publisher.publish(turnId, turn.position, { type: "waiting", until, reason });
    },

    /** States that the user has chosen another model or route. */
    async rerouteTurn({ turnId, route, candidates }: RerouteInput): Promise<void> {
      const id = activityEventId("rerouted");
      await store.updateTurn(turnId, (turn) => {
        if (turn === null || isEnded(turn)) return [];
        const subject = subjectOf(turn);
        const data = { route, candidates };
        return [createEvent({ id, source: eventSource, type: "turn.rerouted", subject, data })];
      });
    },

    /** States how the turn ended, and ends its stream. @returns How it has ended: it may have before, in another way. */
    async endTurn(input: EndInput): Promise<TurnState["status"] | undefined> {
      const id = activityEventId("ended");
      await store.append([input.message]);
      await closeOpenAttempt(dependencies, input.message.turnId!, {
        candidate: input.candidate,
        isStopped: input.type === "turn.stopped",
      });
      const turn = await store.updateTurn(
        input.message.turnId!,
        (turn) =>
          turn === null || isEnded(turn)
            ? []
            : [...exposureEvents(turn, input.exposures), turnEndEvent(turn, id, input)],
      );
      if (turn === null) return;
      publisher.publish(turn.turnId, turn.position, endPart(turn));
      await publisher.flush();
      return turn.status;
    },
  };
}
